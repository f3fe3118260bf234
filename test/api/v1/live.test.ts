import assert from "node:assert/strict";
import { exampleApi } from "../../support/operators/example-api.ts";
import { ExampleMesh } from "../../support/operators/example-model.ts";
import { exampleServices } from "../../support/operators/example-services.ts";

/** Events of a stream, one at a time. */
async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const match = /^event: (\w+)\ndata: (.*)$/.exec(part);
      if (match !== null) yield { event: match[1]!, data: JSON.parse(match[2]!) as unknown };
    }
  }
}

async function take(events: AsyncGenerator<{ event: string; data: unknown }>, count: number) {
  const taken: { event: string; data: unknown }[] = [];
  while (taken.length < count) taken.push((await events.next()).value as (typeof taken)[0]);
  return taken;
}

describe("API v1, live views", () => {
  it("sends each topic whole at once, then only what changed", async () => {
    const { get, live, mesh } = exampleApi();
    const events = eventsOf(await get("/v1/events?topics=freeze,overrides"));
    const first = await take(events, 3);

    await live.tick();
    mesh.freeze = { isFrozen: true, by: "mira" };
    await live.tick();
    const [next] = await take(events, 1);

    assert.deepEqual(
      first.map(({ event }) => event),
      ["hello", "freeze", "overrides"],
    );
    assert.deepEqual(next, { event: "freeze", data: { isFrozen: true, by: "mira" } });
    live.stop();
  });

  it("says first which topics are not available", async () => {
    const { get, live } = exampleApi({ model: {} });

    const [hello] = await take(eventsOf(await get("/v1/events?topics=mesh,rollouts,alerts")), 1);

    assert.deepEqual(hello?.data, { version: "0.1.0", missing: ["rollouts", "alerts"] });
    live.stop();
  });

  it("sends the newest second of the history as samples", async () => {
    const { get, live, recorder } = exampleApi();
    const events = eventsOf(await get("/v1/events?topics=samples"));
    await take(events, 2);

    recorder.look(1_700_000_000);
    await live.tick();
    const [sample] = await take(events, 1);

    const { times, series } = sample!.data as { times: number[]; series: { name: string }[] };
    assert.deepEqual(times, [1_700_000_000]);
    assert.ok(series.some(({ name }) => name === "shedding/checkout/limit"));
    live.stop();
  });

  it("cuts off who reads nothing of 8 MiB, and serves the others", async () => {
    const { model } = new ExampleMesh(0);
    const [service] = exampleServices(1);
    let size = 3 * 1024 * 1024;
    const services = () => [{ ...service!, owner: "x".repeat(size++) }];
    const { get, live } = exampleApi({ model: { ...model, services } });
    const deaf = await get("/v1/events?topics=services");
    const hearing = eventsOf(await get("/v1/events?topics=freeze"));

    for (let tick = 0; tick < 20; tick++) await live.tick();

    assert.equal((await take(hearing, 2))[1]?.event, "freeze");
    const { byteLength } = await deaf.arrayBuffer();
    assert.ok(byteLength < 10 * 1024 * 1024, `${byteLength} bytes were kept`);
    live.stop();
  });

  it("refuses the 65th open view with 429, and takes one again once another is closed", async () => {
    const { get, live } = exampleApi();
    const open = await Promise.all(
      Array.from({ length: 64 }, () => get("/v1/events?topics=freeze")),
    );

    assert.equal((await get("/v1/events?topics=freeze")).status, 429);
    await open[0]?.body?.cancel();
    assert.equal((await get("/v1/events?topics=freeze")).status, 200);
    live.stop();
  });

  it("answers a topic there is not with 400", async () => {
    assert.equal((await exampleApi().get("/v1/events?topics=freeze,x")).status, 400);
  });
});
