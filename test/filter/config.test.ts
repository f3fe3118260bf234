import assert from "node:assert/strict";
import fc from "fast-check";
import {
  config,
  type DecodedScope,
  decodeFilterConfig,
  encodeFilterConfig,
  type JsonObject,
  scope,
} from "../support/wasm-host/filter-config.ts";
import { FILTER_MODULE } from "../support/wasm-host/filter-module.ts";
import { Clock } from "../support/wasm-host/host-calls.ts";
import { MetricStore } from "../support/wasm-host/metric-store.ts";
import { WasmHost } from "../support/wasm-host/wasm-host.ts";

function newHost(): WasmHost {
  return new WasmHost(FILTER_MODULE, new MetricStore(), new Clock());
}

/** What the filter says of it, "" if it takes it. */
function refusal(bytes: Uint8Array): string {
  const host = newHost();
  const { isAccepted } = host.configure(bytes);
  assert.equal(isAccepted, host.logs.length === 0);
  return host.logs.join();
}

const header = { name: "x-a", value: "1" };
const match = { headers: [header] };
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

describe("filter config", () => {
  const limit = (min: number, max: number, initial: number): JsonObject => ({
    limit: { min, max, initial },
  });
  const tier = (fields: JsonObject): JsonObject => ({
    tiers: [{ name: "a", ...fields }],
    unmatched: 0,
  });
  const tenant = (...weights: readonly JsonObject[]): JsonObject => ({
    tenant: { header: "x-tenant", weights },
  });
  const cases: readonly (readonly [reason: string, fields: JsonObject])[] = [
    ["scopes[0].limit.min 9 is above max 4", limit(9, 4, 4)],
    ["scopes[0].limit.min 0 is below 1", limit(0, 4, 4)],
    ["scopes[0].limit.max 100001 is above 100000", limit(1, 100_001, 4)],
    ["scopes[0].limit.initial 5 is above max 4", limit(1, 4, 5)],
    ["scopes[0].limit.initial 1 is below min 2", limit(2, 4, 1)],
    ["scopes[0].name is not a DNS label", { name: "Shop" }],
    ["scopes[0].name is not a DNS label", { name: "" }],
    ["scopes[0].name is not a DNS label", { name: "-shop" }],
    ["scopes[0].name is not a DNS label", { name: "shop-" }],
    ["scopes[0].name is not a DNS label", { name: "a.b" }],
    ["scopes[0].name is not a DNS label", { name: "x".repeat(64) }],
    ["scopes[0].mode 3 is above 2", { mode: 3 }],
    ["scopes[0].answer.status 404 is neither 429 nor 503", { answer: { status: 404 } }],
    ["scopes[0].clusters hold an empty name", { clusters: ["a", ""] }],
    ["scopes[0].routes hold an empty name", { routes: [""] }],
    ["scopes[0].tiers are missing", { tiers: [], unmatched: 0 }],
    ["scopes[0].tiers are more than 8", { tiers: times(9, (i) => ({ name: `t${i}` })) }],
    ["scopes[0].unmatched 2 is not below the number of tiers, 2", { unmatched: 2 }],
    ["scopes[0].tiers[1].name stands twice", { tiers: [{ name: "a" }, { name: "a" }] }],
    ["scopes[0].tiers[0].name is not a DNS label", tier({ name: "A" })],
    ["scopes[0].tiers[0].matches are more than 16", tier({ matches: times(17, () => match) })],
    ["scopes[0].tiers[0].matches[0] asks for nothing", tier({ matches: [{}] })],
    [
      "scopes[0].tiers[0].matches[0].headers are more than 8",
      tier({ matches: [{ headers: times(9, () => header) }] }),
    ],
    [
      "scopes[0].tiers[0].matches[0].headers[0].name is not a lower-case header name",
      tier({ matches: [{ headers: [{ name: "X-A", value: "1" }] }] }),
    ],
    [
      "scopes[0].tiers[0].matches[1].headers[0].value is not a header value",
      tier({ matches: [match, { headers: [{ name: "x-a", value: "1\n" }] }] }),
    ],
    [
      "scopes[0].tiers[0].matches[0].path.value is not a path",
      tier({ matches: [{ path: { value: "pay" } }] }),
    ],
    [
      "scopes[0].tiers[0].matches[0].path.value is not a path",
      tier({ matches: [{ path: { value: "/a?b" } }] }),
    ],
    [
      "scopes[0].tiers[0].matches[0].path.type 2 is above 1",
      tier({ matches: [{ path: { type: 2, value: "/" } }] }),
    ],
    ["scopes[0].exempt are more than 16", { exempt: times(17, () => match) }],
    ["scopes[0].exempt[0] asks for nothing", { exempt: [{}] }],
    ["scopes[0].memory.limit is not above 0", { memory: {} }],
    ["scopes[0].memory.limit is not above 0", { memory: { limit: Number.NaN, baselineMs: 1 } }],
    ["scopes[0].memory.limit is not above 0", { memory: { limit: Infinity, baselineMs: 1 } }],
    ["scopes[0].memory.baseline_ms is not above 0", { memory: { limit: 1, baselineMs: -1 } }],
    ["scopes[0].tenant.header is missing", { tenant: {} }],
    ["scopes[0].tenant.header is not a lower-case header name", { tenant: { header: "X-T" } }],
    [
      "scopes[0].tenant.weights are more than 64",
      tenant(...times(65, (i) => ({ value: `${i}`, weight: 1 }))),
    ],
    [
      "scopes[0].tenant.weights[1].value stands twice",
      tenant({ value: "a", weight: 1 }, { value: "a", weight: 2 }),
    ],
    ["scopes[0].tenant.weights[0].value is not a header value", tenant({ value: "", weight: 1 })],
    [
      "scopes[0].tenant.weights[0].weight is not above 0 and at most 1000",
      tenant({ value: "a", weight: 0 }),
    ],
    [
      "scopes[0].tenant.weights[0].weight is not above 0 and at most 1000",
      tenant({ value: "a", weight: 1000.5 }),
    ],
    [
      "scopes[0].tenant.weights[0].weight is not above 0 and at most 1000",
      tenant({ value: "a", weight: Number.NaN }),
    ],
  ];
  for (const [reason, fields] of cases) {
    it(`refuses: ${reason} (${JSON.stringify(fields).slice(0, 40)})`, () => {
      assert.equal(refusal(config(scope(fields))), reason);
    });
  }

  it("refuses a missing format, a missing reader and a reader above 1", () => {
    assert.equal(refusal(new Uint8Array()), "format is missing");
    assert.equal(refusal(encodeFilterConfig({ format: 1 })), "min_reader is missing");
    assert.equal(
      refusal(encodeFilterConfig({ format: 2, minReader: 2 })),
      "min_reader 2 is above this filter's reader 1",
    );
  });

  it("refuses the same scope twice and 33 scopes", () => {
    assert.equal(refusal(config(scope(), scope())), "scopes[1].name stands twice");
    const many = times(33, (i) => scope({ name: `s${i}` }));
    assert.equal(refusal(config(...many)), "scopes are more than 32");
    assert.equal(refusal(config(...many.slice(1))), "");
  });

  it("takes 65536 bytes and refuses 65537", () => {
    const sized = (bytes: number): Uint8Array => {
      const plain = config(scope({ clusters: ["c"] }));
      // The cluster's own length, the scope's and the field's headers grow by 2, 2 and 0 bytes.
      for (let pad = bytes - plain.length - 8; ; pad++) {
        const padded = config(scope({ clusters: ["c".repeat(pad)] }));
        if (padded.length === bytes) return padded;
      }
    };
    assert.equal(refusal(sized(65_536)), "");
    assert.equal(refusal(sized(65_537)), "configuration is above 65536 bytes");
  });

  it("takes the largest configuration the bounds allow inside 64 KiB", () => {
    const tiers = times(8, (t) => ({
      name: `t${t}`,
      matches: times(16, (m) => ({
        headers: times(8, (h) => ({ name: `${t}-${m}-${h}`, value: "" })),
      })),
    }));
    assert.equal(refusal(config(scope({ tiers }), scope({ name: "b", tiers }))), "");
    const small = { headers: times(8, () => ({ name: "a", value: "" })) };
    const dense = { tiers: times(8, (t) => ({ name: `${t}`, matches: times(16, () => small) })) };
    assert.equal(
      refusal(config(...times(6, (i) => scope({ name: `${i}`, unmatched: 0, ...dense })))),
      "",
    );
  });

  it("takes 64 tenants of weight 0.001 to 1000 and a memory", () => {
    const weights = times(64, (i) => ({ value: `t${i}`, weight: i === 0 ? 0.001 : 1000 }));
    const bytes = config(
      scope({ ...tenant(...weights), memory: { limit: 0.5, baselineMs: 1e-3 } }),
    );
    assert.equal(refusal(bytes), "");
  });

  it("skips fields it does not know", () => {
    // Field 99 as varint, 64 bit, bytes and 32 bit.
    const hex = "980601" + "99060102030405060708" + "9a0603616263" + "9d0601020304";
    const unknown = Buffer.from(hex, "hex");
    assert.equal(refusal(Buffer.concat([unknown, config(scope()), unknown])), "");
  });

  it("refuses groups, field number 0, lengths past the end and wrong wire types", () => {
    const known = config(scope());
    for (const tail of ["0b0c", "0001", "1a7f", "98", "98ffffffffffffffffffff01"]) {
      const broken = Buffer.concat([known, Buffer.from(tail, "hex")]);
      assert.notEqual(refusal(broken), "", tail);
    }
    assert.equal(
      refusal(Buffer.concat([known, Buffer.from("1801", "hex")])),
      "scopes[1] 0 is the wire type, not 2",
    );
  });

  it("keeps the configuration in force when a later one is refused", () => {
    const host = newHost();
    const root = host.configure(config(scope()));
    assert.equal(host.configure(config(scope(limit(9, 4, 4)))).isAccepted, false);
    const stream = host.open(root);
    stream.request();
    assert.deepEqual(host.calls.data > 0, true);
    stream.end();
  });

  it("never traps on 20,000 random byte strings and takes none that is not sane", () => {
    const host = newHost();
    const before = host.memoryBytes;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        if (host.configure(bytes).isAccepted) assert.ok(isSane(bytes));
      }),
      { numRuns: 20_000 },
    );
    assert.ok(host.memoryBytes - before <= 65_536);
  });

  it("never traps on 20,000 damaged configurations and takes none that is not sane", () => {
    const good = config(
      scope({
        exempt: [{ path: { value: "/healthz" } }],
        clusters: ["c"],
        routes: ["r"],
        memory: { limit: 20, baselineMs: 5 },
        tenant: { header: "x-t", weights: [{ value: "a", weight: 2 }] },
      }),
    );
    const host = newHost();
    const damage = fc.array(
      fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255), cut: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    );
    let taken = 0;
    fc.assert(
      fc.property(damage, (edits) => {
        const bytes = [...good];
        for (const { at, value, cut } of edits) {
          if (cut) bytes.splice(at, 1);
          else bytes[at] = value;
        }
        if (!host.configure(Uint8Array.from(bytes)).isAccepted) return;
        taken++;
        assert.ok(
          isSane(Uint8Array.from(bytes)),
          JSON.stringify(decodeFilterConfig(Uint8Array.from(bytes))),
        );
      }),
      { numRuns: 20_000 },
    );
    assert.ok(taken > 0);
  });

  it("takes exactly the sane among 5000 generated configurations", () => {
    const host = newHost();
    let taken = 0;
    fc.assert(
      fc.property(generated, (json) => {
        const bytes = encodeFilterConfig(json);
        const { isAccepted } = host.configure(bytes);
        if (isAccepted) taken++;
        assert.equal(isAccepted, isSane(bytes), host.logs.at(-1));
      }),
      { numRuns: 5000 },
    );
    assert.ok(taken > 50 && taken < 4950, `${taken} taken`);
  });

  it("uses no more memory for 1000 pushes than for two", () => {
    const host = newHost();
    const large = config(
      ...times(32, (i) => scope({ name: `s${i}`, clusters: [`${"c".repeat(1000)}${i}`] })),
    );
    let root = host.configure(large);
    const push = (bytes: Uint8Array): void => {
      const old = root;
      root = host.configure(bytes);
      host.dropRoot(old);
    };
    push(large);
    const before = host.memoryBytes;
    for (let i = 0; i < 1000; i++) push(i % 2 === 0 ? large : config(scope({ name: "s1" })));
    assert.equal(host.memoryBytes, before);
  });
});

const label = fc.constantFrom("a", "b", "c-1", "x".repeat(63), "x".repeat(64), "A", "-a", "");
const u32 = fc.constantFrom(0, 1, 2, 4, 16, 100_000, 100_001, 4_294_967_295);
const likely = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
const few = { maxLength: 2 };
const f64 = likely(1, fc.constantFrom(0, -1, 0.5, 1000, 1001, Number.NaN, Infinity));
const generatedMatch = fc.record(
  {
    headers: fc.array(
      fc.record({
        name: fc.constantFrom("x-a", ":method", "X", ""),
        value: fc.constantFrom("", "1", "\u0001"),
      }),
      few,
    ),
    path: fc.record({
      type: fc.constantFrom(0, 1),
      value: fc.constantFrom("/", "/a/", "a", "/a b", ""),
    }),
  },
  { requiredKeys: [] },
);
const generatedScope = fc.record({
  name: likely("s", label),
  mode: fc.constantFrom(0, 1, 2),
  clusters: likely<string[]>([], fc.array(fc.constantFrom("", "c"), few)),
  tiers: fc.array(
    fc.record({ name: label, matches: likely<object[]>([], fc.array(generatedMatch, few)) }),
    { minLength: 0, maxLength: 2 },
  ),
  unmatched: likely(0, u32),
  limit: likely({ min: 1, max: 16, initial: 4 }, fc.record({ min: u32, max: u32, initial: u32 })),
  answer: fc.record({
    status: likely(429, fc.constantFrom(503, 0, 200)),
    retryAfter: fc.boolean(),
    loadReport: fc.boolean(),
  }),
  exempt: likely<object[]>([], fc.array(generatedMatch, few)),
  memory: likely<object | null>(null, fc.record({ limit: f64, baselineMs: f64 })),
  tenant: likely<object | null>(
    null,
    fc.record({
      header: likely("x-t", fc.constantFrom("", "X-T")),
      weights: fc.array(fc.record({ value: fc.constantFrom("a", "b", ""), weight: f64 }), few),
    }),
  ),
});
const generated = fc.record({
  format: likely(1, u32),
  minReader: likely(1, u32),
  scopes: fc.array(generatedScope, few),
});

const HEADER_NAME = /^:?[a-z0-9!#$%&'*+.^_`|~-]+$/;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The bounds of filter_config.proto, said once more over an independent decoder. */
function isSane(bytes: Uint8Array): boolean {
  const { format, minReader, scopes } = decodeFilterConfig(bytes);
  const names = new Set(scopes.map((s) => s.name));
  return (
    format > 0 &&
    minReader === 1 &&
    scopes.length <= 32 &&
    names.size === scopes.length &&
    scopes.every(isSaneScope)
  );
}

function isSaneScope(s: DecodedScope): boolean {
  const { min, max, initial } = s.limit ?? { min: 0, max: 0, initial: 0 };
  const tierNames = new Set(s.tiers.map((t) => t.name));
  return (
    LABEL.test(s.name) &&
    s.mode >= 0 &&
    s.mode <= 2 &&
    [...s.clusters, ...s.routes].every((name) => name !== "") &&
    s.tiers.length >= 1 &&
    s.tiers.length <= 8 &&
    tierNames.size === s.tiers.length &&
    s.tiers.every(
      (t) => LABEL.test(t.name) && t.matches.length <= 16 && t.matches.every(isSaneMatch),
    ) &&
    s.unmatched < s.tiers.length &&
    1 <= min &&
    min <= initial &&
    initial <= max &&
    max <= 100_000 &&
    [429, 503].includes(s.answer?.status ?? 0) &&
    s.exempt.length <= 16 &&
    s.exempt.every(isSaneMatch) &&
    (!s.memory || (isPositive(s.memory.limit) && isPositive(s.memory.baselineMs))) &&
    (!s.tenant || isSaneTenant(s.tenant))
  );
}

function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

function isSaneTenant({ header, weights }: NonNullable<DecodedScope["tenant"]>): boolean {
  return (
    HEADER_NAME.test(header) &&
    weights.length <= 64 &&
    new Set(weights.map(({ value }) => value)).size === weights.length &&
    weights.every(
      ({ value, weight }) =>
        value !== "" && isPrintable(value, " ") && isPositive(weight) && weight <= 1000,
    )
  );
}

function isSaneMatch(m: DecodedScope["exempt"][number]): boolean {
  const areHeadersSane = m.headers.every(
    (h) => HEADER_NAME.test(h.name) && isPrintable(h.value, " "),
  );
  if (m.headers.length > 8 || !areHeadersSane) return false;
  if (!m.path) return m.headers.length > 0;
  const { type, value } = m.path;
  return [0, 1].includes(type) && /^\/[^?#]*$/.test(value) && isPrintable(value, "!");
}

function isPrintable(text: string, least: string): boolean {
  return [...text].every((character) => character >= least && character !== "\u007f");
}
