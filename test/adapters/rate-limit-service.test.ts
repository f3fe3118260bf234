import assert from "node:assert/strict";
import {
  type Client,
  credentials,
  makeGenericClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import fc from "fast-check";
import { rateLimitMethod } from "../../src/adapters/rate-limit-service.ts";
import { RateLimiter } from "../../src/adapters/rate-limiter.ts";
import { startUnaryServer, type UnaryServer } from "../../src/adapters/unary-server.ts";
import type { RateLimit } from "../../src/policy/intent/rate-limit.ts";
import { protoRoot } from "../../src/proto/bundle.ts";
import { loadService } from "../../src/proto/service.ts";
import { rateLimit } from "../support/policy-set.ts";

const SERVICE = "envoy.service.ratelimit.v3.RateLimitService";

interface Answer {
  readonly overall_code: number;
  readonly statuses: readonly { readonly code: number; readonly limit_remaining: number }[];
  readonly response_headers_to_add: readonly { readonly key: string; readonly value: string }[];
}

describe("rate-limit service", () => {
  let server: UnaryServer;
  let client: Client;
  let isReady: boolean;

  beforeEach(async () => {
    isReady = true;
    const limiter = new RateLimiter();
    const hourly = { requests: 60, perMs: 3_600_000 };
    limiter.setLimits([
      rateLimit({
        name: "api",
        scope: "global",
        onUnavailable: "allow",
        rate: hourly,
        burst: 2,
      } as Partial<RateLimit>),
    ]);
    const method = rateLimitMethod({ limiter, isReady: () => isReady, nowMs: () => 42 });
    server = await startUnaryServer(() => method, { host: "127.0.0.1", port: 0 });
    const { ShouldRateLimit } = loadService(SERVICE);
    assert.ok(ShouldRateLimit);
    const raw = { ...ShouldRateLimit, requestSerialize: (bytes: Buffer) => bytes };
    const Constructor = makeGenericClientConstructor({ ShouldRateLimit: raw }, "RateLimitService");
    client = new Constructor(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterEach(() => {
    client.close();
    server.stop();
  });

  function toBytes(message: object): Buffer {
    const type = protoRoot().lookupType("envoy.service.ratelimit.v3.RateLimitRequest");
    return Buffer.from(type.encode(type.fromObject(message)).finish());
  }

  function ask(request: object | Buffer): Promise<Answer> {
    const bytes = Buffer.isBuffer(request) ? request : toBytes(request);
    const method = (client as unknown as { ShouldRateLimit: Method }).ShouldRateLimit;
    return new Promise((resolve, reject) => {
      method.call(client, bytes, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
  }

  const request = (name = "api") => ({
    domain: "qmesh",
    descriptors: [{ entries: [{ key: "qmesh_limit", value: name }] }],
  });

  it("answers OK twice, with what remains, then OVER_LIMIT with retry-after of 60 s", async () => {
    const answers = [await ask(request()), await ask(request()), await ask(request())];

    assert.deepEqual(
      answers.map(({ overall_code }) => overall_code),
      [1, 1, 2],
    );
    assert.deepEqual(
      answers.map(({ statuses }) => statuses[0]?.limit_remaining),
      [1, 0, 0],
    );
    assert.deepEqual(
      answers[2]?.response_headers_to_add.map(({ key, value }) => [key, value]),
      [["retry-after", "60"]],
    );
  });

  it("answers OK for a limit it does not know", async () => {
    assert.equal((await ask(request("gone"))).overall_code, 1);
  });

  it("answers 2 hits at once, and refuses the 3 a bucket never holds for a day at most", async () => {
    assert.equal((await ask({ ...request(), hits_addend: 2 })).overall_code, 1);
    const { response_headers_to_add: headers } = await ask({
      ...request(),
      hits_addend: 1_000_000,
    });

    assert.equal(headers[0]?.value, "86400");
  });

  it("answers or refuses 20,000 random and damaged requests, and never throws", () => {
    const limiter = new RateLimiter(100);
    limiter.setLimits([rateLimit({ name: "api", scope: "global" } as Partial<RateLimit>)]);
    const answer = rateLimitMethod({ limiter, isReady: () => true, nowMs: () => 42 });
    const good = toBytes({ ...request(), hits_addend: 3 });
    const damaged = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((edits) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of edits) bytes[at] = value;
        return bytes;
      });
    let answered = 0;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), damaged), (bytes) => {
        const given = answer(Buffer.from(bytes));
        if (Buffer.isBuffer(given)) answered += 1;
        else assert.equal(given.code, status.INVALID_ARGUMENT);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(answered > 100, `only ${answered} were answered`);
    assert.ok(limiter.bucketCount <= 100);
  });

  it("is UNAVAILABLE before the intent is loaded", async () => {
    isReady = false;

    await assert.rejects(ask(request()), { code: status.UNAVAILABLE });
  });

  for (const [what, bad, sentence] of [
    ["another domain", { ...request(), domain: "other" }, /the one domain here is qmesh/],
    ["no descriptor", { domain: "qmesh" }, /0 descriptors; a request has 1 to 64/],
    [
      "65 descriptors",
      { domain: "qmesh", descriptors: Array(65).fill({}) },
      /65 descriptors; a request has 1 to 64/,
    ],
    ["bytes that are no request", Buffer.from([0x12, 0x05, 0x0a]), /no RateLimitRequest/],
  ] as const) {
    it(`refuses ${what} with INVALID_ARGUMENT, and goes on`, async () => {
      await assert.rejects(ask(bad), (error: ServiceError) => {
        assert.equal(error.code, status.INVALID_ARGUMENT);
        assert.match(error.details, sentence);
        return true;
      });
      assert.equal((await ask(request())).overall_code, 1);
    });
  }
});

type Method = (bytes: Buffer, done: (error: ServiceError | null, answer: Answer) => void) => void;
