import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { type Arrival, arrivals, type Phase, type TierShare } from "./arrivals.ts";
import { Histogram } from "./histogram.ts";

/**
 * The load, a process of its own so that nothing else delays it: open-loop Poisson requests over HTTP/1.1 keep-alive
 * connections, one outstanding each, taken last-in first-out. An answer after the deadline is late; the client waits
 * for it no longer but does not cut the connection. How late each request was sent against its plan, and how busy the
 * process was, are part of the result: a load that could not keep its plan measures itself.
 */
export interface LoadOrder {
  readonly port: number;
  readonly phases: readonly Phase[];
  readonly tiers: readonly TierShare[];
  readonly seed: number;
  readonly deadlineMs: number;
  /** Between two reports of kind `interval`; absent: one second. */
  readonly intervalMs?: number;
}

export interface TierCount {
  readonly offered: number;
  /** Status 200 inside the deadline. */
  readonly served: number;
  /** Status 429 or 503. */
  readonly shed: number;
  /** Status 200 after the deadline, status 504, or no answer until the end. */
  readonly late: number;
  /** Any other status, or a connection that failed. */
  readonly failed: number;
  /** Of the served, ms; absent without any. */
  readonly p50Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
}

export type LoadReport =
  | {
      readonly kind: "interval";
      readonly atMs: number;
      readonly phase: number;
      readonly tiers: readonly TierCount[];
    }
  | {
      readonly kind: "done";
      /** Per phase, per tier. */
      readonly phases: readonly (readonly TierCount[])[];
      /** 99th percentile of sending after the plan, ms. */
      readonly latenessP99Ms: number;
      /** CPU time of this process over wall time, in its busiest phase. */
      readonly busyRatio: number;
    };

type Outcome = "served" | "shed" | "late" | "failed";

class Counter {
  readonly counts = { offered: 0, served: 0, shed: 0, late: 0, failed: 0 };
  readonly times = new Histogram();

  toJson(): TierCount {
    return { ...this.counts, p50Ms: this.times.quantile(0.5), p99Ms: this.times.quantile(0.99) };
  }
}

interface Call {
  readonly arrival: Arrival;
  readonly sentMs: number;
}

interface Connection {
  readonly socket: Socket;
  call: Call | undefined;
  text: string;
  bodyLeft: number;
  status: number;
}

const MAX_CONNECTIONS = 20_000;
const DRAIN_MS = 1000;

function run(order: LoadOrder): void {
  const requests = order.tiers.map(requestBytes);
  const totals = order.phases.map(() => order.tiers.map(() => new Counter()));
  let recent = order.tiers.map(() => new Counter());
  const lateness = new Histogram();
  const free: Connection[] = [];
  const open = new Set<Connection>();
  const plan = arrivals(order.phases, order.tiers, order.seed);
  const startMs = performance.now() + 50;
  let next = plan.next();
  let phase = 0;
  let busy = 0;
  let mark = { wallMs: performance.now(), cpu: process.cpuUsage() };

  const count = (call: Call, outcome: Outcome, ms: number) => {
    const { phase: index, tier } = call.arrival;
    for (const counter of [totals[index]?.[tier], recent[tier]]) {
      if (counter === undefined) continue;
      counter.counts[outcome] += 1;
      if (outcome === "served") counter.times.add(ms);
    }
  };

  const settle = (connection: Connection, outcome?: Outcome) => {
    const { call } = connection;
    connection.call = undefined;
    if (call === undefined) return;
    const ms = performance.now() - call.sentMs;
    const { deadlineMs = order.deadlineMs } = order.tiers[call.arrival.tier] ?? {};
    count(call, outcome ?? outcomeOf(connection.status, ms, deadlineMs), ms);
  };

  const openConnection = (): Connection => {
    const socket = connect({ host: "127.0.0.1", port: order.port, noDelay: true });
    const connection: Connection = { socket, call: undefined, text: "", bodyLeft: -1, status: 0 };
    open.add(connection);
    socket.on("data", (chunk) => {
      if (read(connection, chunk)) {
        settle(connection);
        free.push(connection);
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      open.delete(connection);
      const at = free.indexOf(connection);
      if (at !== -1) free.splice(at, 1);
      settle(connection, "failed");
    });
    return connection;
  };

  const send = (arrival: Arrival) => {
    const now = performance.now();
    lateness.add(Math.max(0, now - startMs - arrival.atMs));
    for (const counter of [totals[arrival.phase]?.[arrival.tier], recent[arrival.tier]]) {
      if (counter !== undefined) counter.counts.offered += 1;
    }
    const call = { arrival, sentMs: now };
    if (free.length === 0 && open.size >= MAX_CONNECTIONS) return count(call, "failed", 0);
    const connection = free.pop() ?? openConnection();
    connection.call = call;
    connection.socket.write(requests[arrival.tier] ?? "");
  };

  const measureBusy = () => {
    const wallMs = performance.now();
    const cpu = process.cpuUsage(mark.cpu);
    busy = Math.max(busy, (cpu.user + cpu.system) / 1000 / (wallMs - mark.wallMs));
    mark = { wallMs, cpu: process.cpuUsage() };
  };

  const interval = setInterval(() => {
    process.send?.({
      kind: "interval",
      atMs: performance.now() - startMs,
      phase,
      tiers: recent.map((c) => c.toJson()),
    });
    recent = order.tiers.map(() => new Counter());
  }, order.intervalMs ?? 1000);

  const finish = () => {
    clearInterval(interval);
    measureBusy();
    for (const connection of open) {
      settle(connection, "late");
      connection.socket.destroy();
    }
    const report: LoadReport = {
      kind: "done",
      phases: totals.map((tiers) => tiers.map((counter) => counter.toJson())),
      latenessP99Ms: lateness.quantile(0.99) ?? 0,
      busyRatio: Number(busy.toFixed(3)),
    };
    process.send?.(report, () => process.disconnect?.());
  };

  const pump = () => {
    const nowMs = performance.now() - startMs;
    while (!next.done && next.value.atMs <= nowMs) {
      if (next.value.phase !== phase) measureBusy();
      phase = next.value.phase;
      send(next.value);
      next = plan.next();
    }
    if (next.done) setTimeout(finish, order.deadlineMs + DRAIN_MS);
    else setTimeout(pump, Math.max(0, Math.min(1, next.value.atMs - nowMs)));
  };
  pump();
}

function requestBytes({ headers }: TierShare): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`GET / HTTP/1.1\r\nhost: demo\r\n${lines.join("")}\r\n`);
}

function outcomeOf(status: number, ms: number, deadlineMs: number): Outcome {
  if (status === 429 || status === 503) return "shed";
  if (status === 504) return "late";
  if (status !== 200) return "failed";
  return ms <= deadlineMs ? "served" : "late";
}

/** True when the whole answer has been read. Answers here have a content-length or no body. */
function read(connection: Connection, chunk: Buffer): boolean {
  if (connection.bodyLeft >= 0) {
    connection.bodyLeft -= chunk.length;
    return endOfBody(connection);
  }
  connection.text += chunk.toString("latin1");
  const end = connection.text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  connection.status = Number(connection.text.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(connection.text);
  connection.bodyLeft = Number(length?.[1] ?? 0) - (connection.text.length - end - 4);
  connection.text = "";
  return endOfBody(connection);
}

function endOfBody(connection: Connection): boolean {
  if (connection.bodyLeft > 0) return false;
  connection.bodyLeft = -1;
  return true;
}

process.once("message", (order: LoadOrder) => run(order));
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);
