import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SignalBook } from "../../src/evidence/signal-book.ts";
import { PrometheusQueries } from "../../src/telemetry/prometheus-queries.ts";

const NOW = 1_800_000_000;

/** Asks a server that answers with that, once; what became of it. */
async function ask(body: string, status = 200) {
  const server = createServer((_request, response) => {
    response.statusCode = status;
    response.end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const book = new SignalBook();
    const whys: string[] = [];
    const queries = new PrometheusQueries(book, (_signal, why) => void whys.push(why));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    queries.setSources([{ url, queries: [{ signal: "s", query: "up", intervalSeconds: 15 }] }]);
    await queries.tick(NOW);
    return { reading: book.reading("s", NOW), whys };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const answer = (at: number, value: string, more: object[] = []) =>
  JSON.stringify({ data: { result: [{ metric: { job: "db" }, value: [at, value] }, ...more] } });

describe("queries of Prometheus", () => {
  it("make a signal of the one number they answer with, as old as it is", async () => {
    const { reading, whys } = await ask(answer(NOW - 3.5, "0.25"));
    assert.deepEqual(whys, []);
    assert.deepEqual([reading?.value, reading?.ageSeconds, reading?.labels.job], [0.25, 4, "db"]);
  });

  for (const [what, body, why] of [
    ["6 s ahead", answer(NOW + 6, "1"), /of the future/],
    ["301 s old", answer(NOW - 301, "1"), /301 s old/],
    ["NaN", answer(NOW, "NaN"), /NaN is no number/],
    ["two numbers", answer(NOW, "1", [{ metric: {}, value: [NOW, "2"] }]), /./],
    ["no number", JSON.stringify({ data: { result: [] } }), /./],
    ["no JSON", "<html>", /./],
  ] as const) {
    it(`hold what answers with ${what}: the signal stays blind, and why is told`, async () => {
      const { reading, whys } = await ask(body);
      assert.equal(reading?.state, "blind");
      assert.match(whys.join(), why);
    });
  }
});
