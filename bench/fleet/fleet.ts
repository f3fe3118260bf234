import { once } from "node:events";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { CLUSTER_TYPE, RUNTIME_TYPE } from "../../src/proto/type-url.ts";
import { quantile } from "../page.ts";
import { ControlLine } from "./control-line.ts";
import type { FleetCommand, FleetResult } from "./fleet-process.ts";
import { type Receipt, Sidecar } from "./sidecar.ts";

/**
 * The simulated fleet, a process of its own. Commands come over IPC one at a time and are answered with figures. Times
 * run from the word on the control port, or from the first connect, to the receipt at each Envoy.
 */
const DEADLINE_MS = 120_000;
const CRITICAL_AFTER_MS = 5;
const QUIET_MS = 1000;
const OPENED_A_TURN = 32;

class Fleet {
  private sidecars: Sidecar[] = [];
  private onReceipt: (receipt: Receipt) => void = () => undefined;
  private lost = 0;
  private messages = 0;
  private lastReceiptMs = 0;

  constructor(
    private readonly xdsPort: number,
    private readonly control: ControlLine,
  ) {}

  /** All connect at once; done when each has its clusters. */
  async connect({ streams, front }: { streams: number; front: number }): Promise<FleetResult> {
    const events = {
      onReceipt: (receipt: Receipt) => {
        this.messages += 1;
        this.lastReceiptMs = receipt.atMs;
        this.onReceipt(receipt);
      },
      onClose: () => {
        this.lost += 1;
      },
    };
    this.sidecars = Array.from(
      { length: streams },
      (_, index) => new Sidecar(index, index < front, events, this.xdsPort),
    );
    const startMs = performance.now();
    const times = this.receipts(this.sidecars, CLUSTER_TYPE);
    await this.open();
    await times;
    return { ms: performance.now() - startMs, lost: this.lost };
  }

  /** A fleet is not one machine: the server has the first while this process still makes the requests of the last. */
  private async open(): Promise<void> {
    for (const [index, sidecar] of this.sidecars.entries()) {
      sidecar.connect();
      if (index % OPENED_A_TURN === 0) await nextTurn();
    }
  }

  async push({ times }: { times: number }): Promise<FleetResult> {
    const rounds: number[][] = [];
    for (let time = 0; time < times; time++) {
      const reading = this.sidecars.filter((sidecar) => !sidecar.isStalled);
      const startMs = performance.now();
      const receipts = this.receipts(reading, CLUSTER_TYPE);
      await this.control.ask("push");
      rounds.push((await receipts).map((atMs) => atMs - startMs));
      await sleep(100);
    }
    return quantiles(rounds);
  }

  /** Everybody is cut off and comes back at once with what it holds; done when the server has read every request. */
  async storm(): Promise<FleetResult> {
    const before = Number(await this.control.ask("count"));
    const messages = this.messages;
    for (const sidecar of this.sidecars) sidecar.reset();
    const startMs = performance.now();
    await this.open();
    const lost = this.lost;
    for (;;) {
      const missing = before + this.sidecars.length - Number(await this.control.ask("count"));
      if (missing <= 0) break;
      if (performance.now() - startMs > DEADLINE_MS) {
        const cut = `${this.lost - lost} connections were cut meanwhile`;
        throw new Error(`${missing} of ${this.sidecars.length} are not back, ${cut}`);
      }
      await sleep(20);
    }
    const ms = performance.now() - startMs;
    await this.quiet();
    const bytes = this.sidecars.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
    const { length } = this.sidecars;
    return { ms, bytes: bytes / length, messages: (this.messages - messages) / length };
  }

  stall({ share }: { share: number }): FleetResult {
    const count = Math.ceil(this.sidecars.length * share);
    for (const sidecar of this.sidecars.slice(-count)) sidecar.stall();
    return { stalled: count };
  }

  /** Some, spread over the fleet, refuse every change; the others must not notice. */
  async refuse({ clients, times }: { clients: number; times: number }): Promise<FleetResult> {
    const step = Math.max(1, Math.floor(this.sidecars.length / clients));
    const refusing = this.sidecars.filter((_, index) => index % step === step - 1);
    for (const sidecar of refusing) sidecar.isRefusing = true;
    const others = this.sidecars.filter(({ isRefusing }) => !isRefusing);
    const converged: number[] = [];
    for (let time = 0; time < times; time++) {
      const startMs = performance.now();
      const receipts = this.receipts(others, CLUSTER_TYPE);
      await this.control.ask("push");
      await receipts;
      converged.push(performance.now() - startMs);
      await sleep(100);
    }
    await sleep(QUIET_MS);
    const sends = refusing.flatMap(({ refused }) => [...refused.values()]);
    for (const sidecar of refusing) sidecar.isRefusing = false;
    return { sends: Math.max(...sends), ms: Math.max(...converged) };
  }

  async churn({ rps, seconds }: { rps: number; seconds: number }): Promise<FleetResult> {
    await this.control.ask("lag");
    const before = this.messages;
    const startMs = performance.now();
    for (let update = 0; update < rps * seconds; update++) {
      await sleep(Math.max(0, startMs + (update * 1000) / rps - performance.now()));
      void this.control.ask("push");
    }
    const elapsed = (performance.now() - startMs) / 1000;
    await this.quiet();
    const rate = (this.messages - before) / this.sidecars.length / elapsed;
    const lag = Number(await this.control.ask("lag"));
    return { rate, lag, versions: new Set(this.sidecars.map(({ version }) => version)).size };
  }

  /** A critical change for the front while a change for everybody is under way. */
  async critical({ times }: { times: number }): Promise<FleetResult> {
    const front = this.sidecars.filter(({ isFront }) => isFront);
    const first = this.receipts(front, RUNTIME_TYPE);
    for (const sidecar of front) sidecar.askForLimits();
    await first;
    const rounds: number[][] = [];
    for (let time = 0; time < times; time++) {
      await this.control.ask("push");
      await sleep(CRITICAL_AFTER_MS);
      const startMs = performance.now();
      const receipts = this.receipts(front, RUNTIME_TYPE);
      await this.control.ask("critical");
      rounds.push((await receipts).map((atMs) => atMs - startMs));
      await this.quiet();
    }
    return quantiles(rounds);
  }

  async lag(): Promise<FleetResult> {
    return { lag: Number(await this.control.ask("lag")) };
  }

  close(): FleetResult {
    for (const sidecar of this.sidecars) sidecar.reset();
    this.sidecars = [];
    return {};
  }

  /** When each of these got its next response of the type. */
  private receipts(from: readonly Sidecar[], typeUrl: string): Promise<number[]> {
    const missing = new Set(from);
    const times: number[] = [];
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        const message = `${missing.size} of ${from.length} have no response, ${this.lost} streams were closed`;
        reject(new Error(message));
      }, DEADLINE_MS);
      this.onReceipt = (receipt) => {
        if (receipt.typeUrl !== typeUrl || !missing.delete(receipt.sidecar)) return;
        times.push(receipt.atMs);
        if (missing.size > 0) return;
        clearTimeout(deadline);
        resolve(times);
      };
    });
  }

  private async quiet(): Promise<void> {
    do await sleep(QUIET_MS / 4);
    while (performance.now() - this.lastReceiptMs < QUIET_MS);
  }
}

function quantiles(rounds: readonly (readonly number[])[]): FleetResult {
  const over = (share: number) =>
    quantile(
      rounds.map((times) => quantile(times, share)),
      0.5,
    );
  return { p50: over(0.5), p99: over(0.99), max: Math.max(...rounds.flat()) };
}

const [xdsPort, controlPort] = process.argv.slice(2).map(Number);
if (xdsPort === undefined || controlPort === undefined) throw new Error("two ports are needed");
const fleet = new Fleet(xdsPort, await ControlLine.open(controlPort));

function run(command: FleetCommand): FleetResult | Promise<FleetResult> {
  switch (command.kind) {
    case "connect":
      return fleet.connect(command);
    case "push":
      return fleet.push(command);
    case "storm":
      return fleet.storm();
    case "stall":
      return fleet.stall(command);
    case "refuse":
      return fleet.refuse(command);
    case "churn":
      return fleet.churn(command);
    case "critical":
      return fleet.critical(command);
    case "lag":
      return fleet.lag();
    case "close":
      return fleet.close();
  }
}

process.on("message", (command: FleetCommand) => {
  Promise.resolve(run(command)).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.send?.({ result: {} });
await once(process, "disconnect");
process.exit(0);
