import assert from "node:assert/strict";
import { sender } from "../../../src/adapters/outbound/outbound.ts";
import { reachOf } from "../../../src/adapters/outbound/reach.ts";
import { Receiver } from "../../support/outbound/receiver.ts";

/** Names and what they lead to, for a resolver in which a guest of the mesh may write. */
const NAMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "hooks.example": [["93.184.216.34"]],
  "inside.hooks.example": [["127.0.0.1"]],
  "ten.hooks.example": [["10.1.2.3"]],
  "meta.hooks.example": [["169.254.169.254"]],
  "mapped.hooks.example": [["::ffff:127.0.0.1"]],
  "nat64.hooks.example": [["64:ff9b::7f00:1"]],
  "six.hooks.example": [["::1"]],
  "local.hooks.example": [["fd00::1"]],
  "both.hooks.example": [["93.184.216.34", "127.0.0.1"]],
};

describe("outbound, forms of SSRF", () => {
  let receiver: Receiver;
  let asked: string[];

  before(async () => {
    receiver = await new Receiver().start();
  });
  after(() => receiver.stop());
  beforeEach(() => {
    asked = [];
    receiver.got.length = 0;
  });

  const resolve = async (host: string): Promise<readonly string[]> => {
    asked.push(host);
    const [found] = NAMES[host] ?? [];
    if (found === undefined) throw new Error("ENOTFOUND");
    return found;
  };

  /** Names are allowed, addresses are not; each form wants to reach the receiver or a place like it. */
  const ALLOWED = ["hooks.example", "*.hooks.example"];
  const FORMS: readonly string[] = [
    "http://127.0.0.1:PORT/",
    "http://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://localhost.:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://017700000001:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://127.000.000.001:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0:PORT/",
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/v2/credentials",
    "http://0xa9fea9fe/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://100.100.100.200/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://user@127.0.0.1:PORT/",
    "http://hooks.example@127.0.0.1:PORT/",
    "http://hooks.example:pw@hooks.example:PORT/",
    "http://127.0.0.1:PORT#@hooks.example/",
    "http://127.0.0.1:PORT\\@hooks.example/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://127。0。0。1:PORT/",
    "http://hooks.example.evil.example/",
    "http://evilhooks.example/",
    "http://hooks.example%2eevil.example/",
    "http://inside.hooks.example:PORT/",
    "http://inside.hooks.example.:PORT/",
    "http://ten.hooks.example/",
    "http://meta.hooks.example/",
    "http://mapped.hooks.example:PORT/",
    "http://nat64.hooks.example:PORT/",
    "http://six.hooks.example:PORT/",
    "http://local.hooks.example/",
    "http://both.hooks.example:PORT/",
    "https://inside.hooks.example:PORT/",
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_",
    "data:text/plain,x",
    "http:///",
    "//127.0.0.1:PORT/",
    "",
  ];

  it(`lets 0 of ${FORMS.length} forms through, and asks nobody about those that are not allowed`, async () => {
    const send = sender(reachOf(ALLOWED), resolve);
    const escaped: string[] = [];
    for (const form of FORMS) {
      const url = form.replace("PORT", String(receiver.port));
      const answered = await send({ url, method: "POST", body: "x" });
      if (answered.ok || answered.mayPass) escaped.push(`${form}: ${JSON.stringify(answered)}`);
    }
    assert.ok(FORMS.length >= 40);
    assert.deepEqual(escaped, []);
    assert.deepEqual(receiver.got, []);
    assert.ok(
      asked.every((host) => host.endsWith("hooks.example")),
      asked.join(),
    );
  });

  it("reaches loopback when its address is allowed, by the name too", async () => {
    const send = sender(reachOf([...ALLOWED, "127.0.0.0/8"]), resolve);
    for (const host of [
      "127.0.0.1",
      "inside.hooks.example",
      "mapped.hooks.example",
      "2130706433",
    ]) {
      const answered = await send({ url: `http://${host}:${receiver.port}/`, method: "GET" });
      assert.equal(answered.ok, true, host);
    }
  });

  it("never reaches link-local addresses, allowed or not", async () => {
    const send = sender(reachOf(["0.0.0.0/0", "::/0", ...ALLOWED]), resolve);
    for (const host of ["169.254.169.254", "0.0.0.0", "[fe80::1]", "[::]", "meta.hooks.example"]) {
      const answered = await send({ url: `http://${host}:${receiver.port}/`, method: "GET" });
      assert.equal(answered.ok || answered.mayPass, false, host);
    }
  });

  it("resolves once and connects to that: a name that leads to loopback the second time does not", async () => {
    let times = 0;
    const rebinding = async () => [["127.0.0.1"], ["169.254.169.254"]][Math.min(1, times++)]!;
    const send = sender(reachOf([...ALLOWED, "127.0.0.1"]), rebinding);
    const answered = await send({ url: `http://hooks.example:${receiver.port}/`, method: "GET" });
    assert.equal(answered.ok, true);
    assert.equal(times, 1);
    assert.equal(receiver.got[0]?.headers.host, `hooks.example:${receiver.port}`);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`does not follow a redirect of ${status}`, async () => {
      receiver.answer = (response) => {
        response.writeHead(status, { location: `${receiver.url}/secret` });
        response.end();
      };
      const send = sender(reachOf(["127.0.0.1"]));
      const answered = await send({ url: receiver.url, method: "POST", body: "x" });
      assert.equal(answered.ok || answered.mayPass, false);
      assert.deepEqual(
        receiver.got.map(({ path }) => path),
        ["/"],
      );
    });
  }

  it("takes 64 KiB of an answer and refuses a byte more", async () => {
    const send = sender(reachOf(["127.0.0.1"]));
    for (const [bytes, ok] of [
      [65_536, true],
      [65_537, false],
    ] as const) {
      receiver.answer = (response) => response.end("x".repeat(bytes));
      assert.equal((await send({ url: receiver.url, method: "GET" })).ok, ok);
    }
  });

  it("waits 200 ms for an answer that never comes where that is all it has, and says so", async () => {
    receiver.answer = (response) => response.flushHeaders();
    const answered = await sender(
      reachOf(["127.0.0.1"]),
      undefined,
      200,
    )({
      url: receiver.url,
      method: "GET",
    });
    assert.ok(
      !answered.ok && answered.mayPass && /in time/.test(answered.why),
      JSON.stringify(answered),
    );
  });

  it("allows one port where one is named", async () => {
    const { port } = receiver;
    const other = await new Receiver().start();
    receiver.answer = (response) => response.end();
    const send = sender(reachOf([`127.0.0.1:${port}`, `[::1]:${port}`]));
    assert.equal((await send({ url: receiver.url, method: "GET" })).ok, true);
    assert.equal((await send({ url: other.url, method: "GET" })).ok, false);
    await other.stop();
  });

  for (const entry of ["", "http://x", "1.2.3", "10.0.0.0/33", "x y", "*", "::1/129", "a/8"]) {
    it(`refuses ${JSON.stringify(entry)} as somewhere to send to`, () => {
      assert.throws(() => reachOf([entry]), /is not somewhere to send to/);
    });
  }
});
