import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { OtlpExporter, type Span, spansOf } from "../../src/adapters/otlp-spans.ts";
import { latencySeen } from "../../src/audit/measures.ts";
import type { DecisionRecord } from "../../src/decide/record.ts";

const PUSH: DecisionRecord = {
  ...{ id: "p1", tick: 1000, kind: "outcome", actor: "engine", policySetDigest: "d" },
  subject: { kind: "Engine", name: "push" },
  body: {
    ...{ verdict: "applied", because: [], causes: ["d1", "d2"] },
    seen: latencySeen({ ingest: 0.4, evaluation: 0.02, push: 0.1, ack: 0.2 }),
  },
};

interface Collector {
  readonly server: Server;
  readonly url: string;
  readonly bodies: string[];
}

async function collector(status: number): Promise<Collector> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      bodies.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(status).end();
      server.emit("taken");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("spans of the loop", () => {
  it("are 5 of one trace: a push of 720 ms and its stages one after the other, each with d1 and d2", () => {
    const spans = spansOf(PUSH, 10_000);

    assert.deepEqual(
      spans.map(({ name, startTimeUnixNano, endTimeUnixNano }) => [
        ...[name, Number(startTimeUnixNano) / 1e6, Number(endTimeUnixNano) / 1e6],
      ]),
      [
        ["qmesh.decision", 9280, 10_000],
        ["qmesh.ingest", 9280, 9680],
        ["qmesh.evaluation", 9680, 9700],
        ["qmesh.push", 9700, 9800],
        ["qmesh.ack", 9800, 10_000],
      ],
    );
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 5);
    for (const { attributes } of spans)
      assert.deepEqual(attributes[0], {
        key: "qmesh.decision",
        value: { arrayValue: { values: [{ stringValue: "d1" }, { stringValue: "d2" }] } },
      });
  });

  it("are none of any other record", () => {
    assert.deepEqual(spansOf({ ...PUSH, subject: { kind: "Rollout", name: "r" } }, 0), []);
  });

  it("reach a collector at /v1/traces as OTLP in JSON", async () => {
    const { server, bodies, url } = await collector(200);
    const exporter = new OtlpExporter(url, "1.0.0", assert.fail);

    exporter.take(spansOf(PUSH, 10_000));
    await once(server, "taken");
    server.close();

    const [line = ""] = bodies;
    assert.ok(line.startsWith("POST /v1/traces {"));
    const { resourceSpans } = JSON.parse(line.slice("POST /v1/traces ".length)) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
    };
    assert.equal(resourceSpans[0]?.scopeSpans[0]?.spans.length, 5);
    assert.equal(exporter.dropped, 0);
  });

  it("are dropped and counted, with the reason, where the collector refuses; nobody waits for it", async () => {
    const { server, url } = await collector(503);
    const told = new Promise<string>((resolve) => {
      const exporter = new OtlpExporter(url, "1.0.0", (why) =>
        resolve(`${why}, ${exporter.dropped}`),
      );
      exporter.take(spansOf(PUSH, 10_000));
    });

    assert.equal(await told, "the collector answered 503, 5");
    server.close();
  });

  it("wait for at most 512: of 600 at once 88 are dropped", () => {
    const [span] = spansOf(PUSH, 10_000);
    const exporter = new OtlpExporter("http://127.0.0.1:9", "1.0.0", () => undefined);

    exporter.take(Array.from({ length: 600 }, () => span as Span));

    assert.equal(exporter.dropped, 88);
  });
});
