import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import type { KeyPair } from "../../src/identity/certificate.ts";
import { TlsFiles } from "../../src/identity/tls-files.ts";
import { Identities } from "../support/identities.ts";

describe("TLS of the control plane's ports", () => {
  let identities: Identities;
  let files: TlsFiles;
  let server: Server;
  let own: KeyPair;
  const events = new EventEmitter();

  before(async () => {
    identities = new Identities();
    own = identities.sign(identities.node("edge-1"));
    files = new TlsFiles({
      folder: join(identities.folder, "control-plane"),
      onReload: (outcome) => events.emit("reload", outcome),
      onRefused: (refusal) => events.emit("refused", refusal),
    });
    server = createServer(files.gate((socket) => socket.pipe(socket)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    files.stop();
    server.close();
  });

  interface Options {
    readonly as?: KeyPair;
    readonly session?: Buffer;
    readonly maxVersion?: "TLSv1.2";
  }

  function open({ as = own, ...options }: Options = {}): TLSSocket {
    return connect({
      port: (server.address() as AddressInfo).port,
      ca: identities.holding("control-plane").authorities,
      cert: as.certificate,
      key: as.privateKey,
      ALPNProtocols: ["h2"],
      checkServerIdentity: () => undefined,
      ...options,
    });
  }

  async function echo(socket: TLSSocket, text: string): Promise<string> {
    socket.write(text);
    const [bytes] = (await once(socket, "data")) as [Buffer];
    return bytes.toString();
  }

  it("shows the new certificate to 1 new connection and keeps the 1 that is open", async () => {
    const first = open();
    assert.equal(await echo(first, "before"), "before");
    const reloaded = once(events, "reload");

    identities.authority.issue({ kind: "control-plane" }, new Date(), 60);
    assert.deepEqual(await reloaded, [{}]);

    const second = open();
    assert.equal(await echo(second, "new"), "new");
    assert.equal(await echo(first, "after"), "after");
    const shown = [first, second].map((socket) => socket.getPeerCertificate().serialNumber);
    assert.notEqual(shown[0], shown[1]);
    for (const socket of [first, second]) socket.destroy();
  });

  it("keeps what it has when the new pair does not fit, and tells why", async () => {
    const told = once(events, "reload");
    writeFileSync(join(identities.folder, "control-plane/tls.key"), own.privateKey);

    const [{ fault }] = (await told) as [{ fault: string }];
    assert.match(fault, /the key is not of this certificate/);
    const socket = open();
    assert.equal(await echo(socket, "still"), "still");
    socket.destroy();
  });

  it("takes up 0 sessions of before: each connection shows its certificate anew", async () => {
    const first = open();
    const sessions: Buffer[] = [];
    first.on("session", (session: Buffer) => sessions.push(session));
    await echo(first, "one");
    first.destroy();

    const [session = first.getSession()] = sessions;
    const second = open(session === undefined ? {} : { session });
    await echo(second, "two");

    assert.equal(second.isSessionReused(), false);
    second.destroy();
  });

  it("speaks TLS 1.3 only", async () => {
    const refused = once(events, "refused");
    const socket = open({ maxVersion: "TLSv1.2" });
    socket.on("error", () => undefined);

    const [{ from, reason }] = (await refused) as [{ from: string; reason: string }];
    assert.equal(from, "127.0.0.1");
    assert.match(reason, /unsupported protocol/i);
  });

  it("does not start with the certificate of a node", () => {
    const folder = identities.authority.issue(identities.node("edge-9"), new Date(), 1);
    const options = { folder, onReload: () => undefined, onRefused: () => undefined };

    assert.throws(() => new TlsFiles(options), /the certificate is not for a control plane/);
  });

  it("does not start with a certificate that has ended, nor without one", () => {
    const then = new Date(Date.now() - 10 * 86_400_000);
    const options = { onReload: () => undefined, onRefused: () => undefined };
    const expired = new Identities();
    const folder = expired.authority.issue({ kind: "control-plane" }, then, 1);

    assert.throws(() => new TlsFiles({ folder, ...options }), /the certificate ended on/);
    assert.throws(
      () => new TlsFiles({ folder: "/absent", ...options }),
      /cannot be read \(ENOENT\)/,
    );
  });
});
