// npm run faults [-- SECONDS]: what the filter and the mesh bear, with figures. SECONDS of poison each, 30 by default.
// npm run faults -- sequences [COUNT] [SEED]: COUNT random sequences of changes on one Envoy under load, 200 by default.
import { main, prepare, startNode } from "./prepare.mjs";

const SECONDS = 30;
const STREAMS = 10_000_000;
const SEQUENCES = 200;
/** Of the real-Envoy suites, those about faults; of the others, hostile hosts and callers. */
const SUITES = [
  [".mocharc.envoy.json", "faults|SIGKILL|control plane killed|filter configurations under load"],
  [".mocharc.json", "filter (census|fuzz|endurance|without metrics)"],
];

await main(async () => {
  await prepare();
  const [what, ...more] = process.argv.slice(2);
  if (what === "sequences") return sequences(...more.map(Number));
  const { poison } = await import("../dist/test/support/faults/poison.js");
  const { endure } = await import("../dist/test/support/faults/endure.js");
  const seconds = Number(process.argv[2] ?? SECONDS);
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
    code ||= await startNode(mocha, ["--config", config, "--grep", grep]);
  }
  return code;
});

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
