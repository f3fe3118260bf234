import { createServer, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { uniform } from "./random.ts";

/**
 * The demo service, a child process: `slots` requests at a time, each takes `slotMs` or an exponential time of that
 * mean, the rest waits in one queue without bound. Capacity is exactly slots / slotMs: the next job of a busy slot
 * counts from the end that was planned for the one before, not from the moment a timer fired. It burns no CPU, and like
 * most services it does not notice that a client gave up: the job keeps its place and its slot.
 * Talks HTTP/1.1 with keep-alive, one request at a time on a connection, no bodies. Ends with its parent.
 */
export type ServiceCommand =
  | { readonly kind: "reset" }
  | { readonly kind: "slots"; readonly slots: number };

export type ServiceReport = { readonly kind: "listening"; readonly port: number };

interface Job {
  readonly socket: Socket;
}

/** Of the times, where they are drawn. */
const SEED = 7;

const ANSWER = Buffer.from(
  "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-type: text/plain\r\n\r\nok\n",
);
const END_OF_HEAD = "\r\n\r\n";

let slots = Number(process.argv[2]);
const slotMs = Number(process.argv[3]);
const isExponential = process.argv[4] === "exponential";
const next = uniform(SEED);
let queue: Job[] = [];
let head = 0;
/** Planned ends of the busy slots, sorted, with their jobs. */
let busy: { endMs: number; job: Job }[] = [];
let timer: NodeJS.Timeout | undefined;

function timeMs(): number {
  return isExponential ? -Math.log(1 - next()) * slotMs : slotMs;
}

function arrive(job: Job): void {
  if (busy.length < slots) start(job, performance.now());
  else queue.push(job);
}

function start(job: Job, fromMs: number): void {
  busy.push({ endMs: fromMs + timeMs(), job });
  busy.sort((a, b) => a.endMs - b.endMs);
  arm();
}

function arm(): void {
  clearTimeout(timer);
  const next = busy[0];
  if (next !== undefined) timer = setTimeout(finish, Math.max(0, next.endMs - performance.now()));
}

/** Takes from the queue what the slots hold. */
function fill(fromMs: number): void {
  for (let job = queue[head]; job !== undefined && busy.length < slots; job = queue[head]) {
    head += 1;
    busy.push({ endMs: fromMs + timeMs(), job });
  }
  busy.sort((a, b) => a.endMs - b.endMs);
}

function finish(): void {
  for (
    let first = busy[0];
    first !== undefined && first.endMs <= performance.now();
    first = busy[0]
  ) {
    busy.shift();
    if (!first.job.socket.destroyed) first.job.socket.write(ANSWER);
    fill(first.endMs);
  }
  if (head > 10_000) {
    queue = queue.slice(head);
    head = 0;
  }
  arm();
}

function onConnection(socket: Socket): void {
  let text = "";
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf(END_OF_HEAD); end !== -1; end = text.indexOf(END_OF_HEAD)) {
      text = text.slice(end + END_OF_HEAD.length);
      arrive({ socket });
    }
  });
}

const server = createServer(onConnection);
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.send?.({ kind: "listening", port } satisfies ServiceReport);
});
process.on("message", (command: ServiceCommand) => {
  if (command.kind === "reset") {
    queue = [];
    head = 0;
    busy = [];
  } else {
    slots = command.slots;
    fill(performance.now());
    arm();
  }
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole group; the parent decides when this ends.
process.on("SIGINT", () => undefined);
