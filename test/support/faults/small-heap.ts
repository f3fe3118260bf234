import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Sidecar } from "../../../bench/fleet/sidecar.ts";

/**
 * Our server with a heap of so many MiB and simulated Envoys that hold all its clusters, through changes of all clusters and
 * one return of everybody at once. Rejects if the server ends, or an Envoy is not given a change within a minute.
 */
export interface SmallHeap {
  /** Largest seen when a change was published, bytes. */
  readonly heapUsed: number;
  readonly rss: number;
}

const PATIENCE_MS = 60_000;

export async function holdInSmallHeap(plan: {
  readonly heapMib: number;
  readonly streams: number;
  readonly clusters: number;
  readonly changes: number;
}): Promise<SmallHeap> {
  const path = fileURLToPath(new URL("./small-heap-server.js", import.meta.url));
  const execArgv = [`--max-old-space-size=${plan.heapMib}`];
  const server = fork(path, [String(plan.clusters)], { execArgv });
  const gone = once(server, "exit").then(([code, signal]) => {
    throw new Error(`the server ended: ${signal ?? `exit code ${code}`}`);
  });
  const run = async (): Promise<SmallHeap> => {
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    const fleet = new Fleet(plan.streams, port);
    await fleet.connect();
    let worst: SmallHeap = { heapUsed: 0, rss: 0 };
    for (let change = 1; change <= plan.changes; change++) {
      if (change === Math.ceil(plan.changes / 2)) fleet.comeBack();
      const told = once(server, "message") as Promise<[SmallHeap]>;
      await fleet.change(() => server.send(change));
      const [{ heapUsed, rss }] = await told;
      worst = { heapUsed: Math.max(worst.heapUsed, heapUsed), rss: Math.max(worst.rss, rss) };
    }
    fleet.end();
    return worst;
  };
  try {
    return await Promise.race([run(), gone]);
  } finally {
    gone.catch(() => undefined);
    if (server.connected) server.disconnect();
  }
}

class Fleet {
  private readonly sidecars: readonly Sidecar[];
  private onReceipt = (): void => undefined;

  constructor(size: number, port: number) {
    const events = { onReceipt: () => this.onReceipt(), onClose: () => undefined };
    this.sidecars = Array.from({ length: size }, (_, i) => new Sidecar(i, false, events, port));
  }

  connect(): Promise<void> {
    return this.change(() => {
      for (const sidecar of this.sidecars) sidecar.connect();
    });
  }

  comeBack(): void {
    this.end();
    for (const sidecar of this.sidecars) sidecar.connect();
  }

  end(): void {
    for (const sidecar of this.sidecars) sidecar.reset();
  }

  /** Resolves when all hold one version, and another than before. */
  change(make: () => void): Promise<void> {
    const before = this.sidecars[0]?.version;
    return new Promise((resolve, reject) => {
      const late = () => this.sidecars.filter(({ version }) => version === before).length;
      const deadline = setTimeout(
        () => reject(new Error(`${late()} were not given a change in ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      );
      this.onReceipt = () => {
        const versions = new Set(this.sidecars.map(({ version }) => version));
        if (versions.size > 1 || versions.has(before ?? "")) return;
        clearTimeout(deadline);
        resolve();
      };
      make();
    });
  }
}
