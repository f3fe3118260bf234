// npm run faults [-- SECONDS] [-- mesh|audit|heap]: what the filter, the mesh, the audit log and an xDS server with little
// memory bear, with figures. SECONDS of poison each, 30 by default.
// npm run faults -- sequences [COUNT] [SEED]: COUNT random sequences of changes on one Envoy under load, 200 by default.
import { main, prepare, startNode } from "./prepare.mjs";

const SECONDS = 30;
const STREAMS = 10_000_000;
const SEQUENCES = 200;
const KILLS = 40;
const SEED = 1;
/** Of the real-Envoy suites, those about faults; of the others, hostile hosts and callers. */
const SUITES = [
  [".mocharc.envoy.json", "faults|SIGKILL|filter configurations under load"],
  [".mocharc.load.json", "control plane killed"],
  [".mocharc.json", "filter (census|fuzz|endurance|without metrics)"],
];
const PARTS = { mesh, audit, heap };
const SMALL_HEAP = { heapMib: 256, streams: 300, clusters: 1000, changes: 20 };

await main(async () => {
  await prepare();
  const words = process.argv.slice(2);
  if (words[0] === "sequences") return sequences(...words.slice(1).map(Number));
  const seconds = Number(words.find((word) => /^\d+$/.test(word)) ?? SECONDS);
  const named = Object.entries(PARTS).filter(([name]) => words.includes(name));
  const parts = named.length > 0 ? named : Object.entries(PARTS);
  let code = 0;
  for (const [, part] of parts) code ||= await part(seconds);
  return code;
});

async function mesh(seconds) {
  const { poison } = await import("../dist/test/support/faults/poison.js");
  const { endure } = await import("../dist/test/support/faults/endure.js");
  for (const serviceMs of [0, 2, 20]) {
    const { good, lost, poison: traps, statuses } = await poison({ seconds, serviceMs });
    const share = ((100 * lost) / good).toFixed(2);
    const shed = statuses.get("429") ?? 0;
    say(
      `5 traps a second, service of ${serviceMs} ms, 2 workers: ${share} % of ${good} good requests lost (${lost} by ${traps} traps), ${shed} shed`,
    );
  }
  const { grownBytes } = endure(STREAMS);
  say(`${STREAMS.toLocaleString("en")} streams: ${grownBytes} bytes of growth`);
  let code = 0;
  for (const [config, grep] of SUITES) {
    const mocha = "node_modules/mocha/bin/mocha.js";
    code ||= await startNode(mocha, ["--config", config, "--no-parallel", "--grep", grep]);
  }
  return code;
}

async function audit() {
  const { killAudit } = await import("../dist/test/support/faults/kill-audit.js");
  const { fillDisk } = await import("../dist/test/support/faults/full-disk.js");
  const { acknowledged, entries, lost, broken } = await killAudit(KILLS, SEED);
  say(
    `${KILLS} times SIGKILL while the audit log is written (seed ${SEED}): ${lost.length} of ${acknowledged} acknowledged records lost, ${entries} in the log, ${broken.length} broken chains`,
  );
  const full = fillDisk();
  if (typeof full === "string") {
    say(full);
    return lost.length + broken.length > 0 ? 1 : 0;
  }
  const { before, whileFull, refusal, indexAfter, isSound } = full;
  say(
    `disk of 4 MiB filled behind ${before} records: ${whileFull} more taken, then refused (${refusal}); with room again the next is record ${indexAfter}; verify: ${isSound ? "all as written" : "broken"}`,
  );
  const isRight = isSound && indexAfter === before + whileFull + 1;
  return lost.length + broken.length === 0 && isRight ? 0 : 1;
}

async function heap() {
  const { holdInSmallHeap } = await import("../dist/test/support/faults/small-heap.js");
  const { heapMib, streams, clusters, changes } = SMALL_HEAP;
  const { heapUsed, rss } = await holdInSmallHeap(SMALL_HEAP);
  const [used, resident] = [heapUsed, rss].map((bytes) => (bytes / 2 ** 20).toFixed(0));
  say(
    `${streams} streams of ${clusters} clusters in a heap of ${heapMib} MiB: ${changes} changes of all clusters and one return of everybody, all given; at most ${used} MiB of heap used, ${resident} MiB resident`,
  );
  return 0;
}

async function sequences(count = SEQUENCES, seed = Math.floor(Math.random() * 2 ** 31)) {
  const { runSequences } = await import("../dist/test/support/faults/sequences.js");
  const result = await runSequences({ sequences: count, seed });
  const { changes, requests, failed, byStatus, suspects } = result;
  say(
    `${count} sequences, ${changes} changes, seed ${seed}: ${failed} of ${requests} requests failed`,
  );
  if (failed === 0) return 0;
  say([...byStatus].map(([status, number]) => `${status}: ${number}`).join(", "));
  say(`before the first:\n  ${suspects.join("\n  ")}`);
  return 1;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
