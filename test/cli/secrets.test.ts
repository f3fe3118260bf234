import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { READS } from "../../src/api/v1/routes.ts";
import { Identities } from "../support/identities.ts";
import { kill, until } from "../support/mesh.ts";
import { Receiver } from "../support/outbound/receiver.ts";
import { projectRoot } from "../support/project-root.ts";
import { postSignal } from "../support/signals.ts";

const MAIN = join(projectRoot, "dist/src/main.js");

/** 20 secrets, each where one may be written, and no output that holds one. */
describe("secrets", () => {
  const folder = temporaryFolder();
  const identities = new Identities();
  let hook: Receiver;
  let child: ChildProcess;
  let http = "";
  let logged = "";
  const markers = new Map<string, string>();

  const marker = (where: string): string => {
    const text = `MARK${createHash("sha256").update(where).digest("hex").slice(0, 24)}`;
    markers.set(where, text);
    return text;
  };

  function writeIntent(config: string): void {
    writeFileSync(join(config, "hook.key"), marker("key of a webhook"));
    writeFileSync(join(config, "am.token"), marker("bearer of an Alertmanager"));
    writeFileSync(join(config, "push.key"), marker("key of signals"));
    const pair = identities.sign(identities.node("edge-1"));
    writeFileSync(join(config, "edge.crt"), pair.certificate);
    writeFileSync(join(config, "edge.key"), pair.privateKey);
    markers.set("key of a listener", keyLine(pair.privateKey));
    writeFileSync(
      join(config, "intent.yaml"),
      `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: qmesh, listeners: [{name: https, protocol: HTTPS, port: 8443, tls: {mode: Terminate, options: {quantum.mesh/certificate: edge.crt, quantum.mesh/privateKey: edge.key}}}]}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: push, owner: t}
spec: {type: signals, secretFile: push.key, signals: [{name: queue.depth, maxAge: 60s}]}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: pager, owner: t}
spec: {type: webhook, url: "${hook.url}/hook", secretFile: hook.key}
---
apiVersion: quantum.mesh/v1
kind: Adapter
metadata: {name: am, owner: t}
spec: {type: alertmanager, url: "${hook.url}", secretFile: am.token}
---
apiVersion: quantum.mesh/v1
kind: Policy
metadata: {name: deep, owner: t, class: reliability}
spec: {mode: enforce, when: 'pAbove("queue.depth", 5.0, "30s") > 0.5', then: [{notify: {page: t}}]}
`,
    );
  }

  before(async () => {
    hook = await new Receiver().start();
    const said = marker("answer of a webhook");
    const location = `http://127.0.0.1/?token=${marker("redirect of a webhook")}`;
    hook.answer = (response, at) => {
      response.writeHead(at % 2 === 0 ? 302 : 500, { location });
      response.end(said);
    };
    const config = join(folder, "intent");
    mkdirSync(config);
    writeIntent(config);
    const access = join(folder, "access.yaml");
    const account = marker("token of a service account");
    const keys = { keys: [{ kty: "OKP", crv: "Ed25519", kid: "k", x: "AAAA", d: marker("JWKS") }] };
    writeFileSync(join(folder, "jwks.json"), JSON.stringify(keys));
    writeFileSync(
      access,
      `jwt: {issuer: "https://login.example", audience: qmesh, jwks: jwks.json}
accounts: [{name: ci, tokenSha256: ${createHash("sha256").update(account).digest("hex")}, verbs: [read]}]
`,
    );
    for (const file of ["ca.key", "control-plane/tls.key"]) {
      const path = join(identities.folder, file);
      markers.set(file, keyLine(readFileSync(path, "utf8")));
    }
    child = spawn(process.execPath, [
      ...[MAIN, "serve", "--config", config, "--data", join(folder, "data"), "--access", access],
      ...["--certs", identities.folder, "--xds", "127.0.0.1:0", "--rate-limit", "127.0.0.1:0"],
      ...["--http", "127.0.0.1:0", "-o", "json", "--log-level", "debug", "--outbound", "127.0.0.1"],
    ]);
    child.stderr?.on("data", (chunk) => {
      logged += chunk;
    });
    const [line] = await firstLine(child);
    http = `http://127.0.0.1:${(JSON.parse(line) as { http: number }).http}`;
    const token = readFileSync(join(folder, "data/api-token"), "utf8").trim();
    markers.set("token of this machine", token);
    await use(account, token);
  });

  after(async () => {
    await kill(child);
    await hook.stop();
  });

  /** Every way in which a caller can hand over a secret, right and wrong. */
  async function use(account: string, token: string): Promise<void> {
    const say = (path: string, headers: Record<string, string>, body?: unknown) =>
      fetch(`${http}${path}`, {
        headers: { "content-type": "application/json", ...headers },
        ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      }).then((response) => response.text());
    const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
    await say("/v1", bearer(account));
    await say("/v1", bearer(marker("wrong bearer")));
    await say("/v1", bearer(`a.${marker("wrong JWT")}.b`));
    await say("/v1", { authorization: `Basic ${marker("basic credentials")}` });
    await say(`/v1/services?token=${marker("query of a read")}`, {});
    await say(`/v1/freeze?key=${marker("query of an order")}`, bearer(token), { reason: "test" });
    await say("/v1/unfreeze", bearer(token), { reason: "test" });
    await say("/v1", { cookie: `session=${marker("cookie")}` });
    await say("/v1", { "x-api-key": marker("header of an API key") });
    await say("/v1/overrides", bearer(token), { token: marker("unknown field of an order") });
    await say("/v1/freeze", bearer(account), { reason: "not for it" });
    const wrong = { "x-qmesh-timestamp": "1", "x-qmesh-signature": marker("wrong signature") };
    await say("/v1/signals/queue.depth", wrong, { value: 1 });
    const secret = markers.get("key of signals") ?? "";
    const told = (path: string) => hook.got.some((each) => each.path === path) || undefined;
    await until("an alert was sent to both", async () => {
      await postSignal(Number(new URL(http).port), { name: "queue.depth", secret, value: 9 });
      return told("/hook") && told("/api/v2/alerts");
    });
  }

  it("are 0 of 20 in logs, audit, API, metrics, live views, state and what is sent outside", async () => {
    // Shown once, at the first start, to whoever started it: that is what the line is for.
    const shown = `/ui/#token=${markers.get("token of this machine")}`;
    const outputs = new Map<string, string>([["log", logged.replace(shown, "")]]);
    const paths = [
      ...READS.map(({ path }) => path.replace(/\{\w+\}/, "edge")),
      "/openapi.json",
      "/status",
      "/proxies",
      "/metrics",
      "/",
      "/readyz",
    ];
    for (const path of paths) outputs.set(path, await (await fetch(`${http}${path}`)).text());
    const live = await fetch(`${http}/v1/events`);
    const reader = live.body?.getReader();
    for (let chunk = 0; chunk < 12; chunk++) {
      const read = await reader?.read();
      outputs.set(`/v1/events ${chunk}`, Buffer.from(read?.value ?? []).toString());
    }
    await reader?.cancel();
    for (const file of filesIn(join(folder, "data"))) {
      if (!file.endsWith("api-token")) outputs.set(file, readFileSync(file, "latin1"));
    }
    for (const [at, { body }] of hook.got.entries()) outputs.set(`sent ${at}`, body);

    const leaks = [...outputs].flatMap(([output, text]) =>
      [...markers]
        .filter(([, secret]) => text.includes(secret))
        .map(([where]) => `${where} in ${output}`),
    );
    assert.ok(markers.size >= 20, `${markers.size}`);
    assert.ok(
      (outputs.get("/v1/audit") ?? "").includes("refusal") && logged.includes("alert not sent"),
    );
    assert.deepEqual(leaks, []);
  });
});

/** A line inside a PEM: enough to know a key by. */
function keyLine(pem: string): string {
  return pem.trim().split("\n").at(1) ?? "";
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

async function firstLine(child: ChildProcess): Promise<[string]> {
  if (child.stdout === null) throw new Error("no stdout");
  for await (const line of createInterface({ input: child.stdout })) return [line];
  throw new Error("it ended");
}
