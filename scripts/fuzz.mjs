// npm run fuzz [-- MINUTES [SEED]]: 10,000 requests at the API, 100,000 malformed discovery requests, 50,000 conditions and 50,000 documents of the policy language, then the
// filter's fuzz for as long as you like, 10 minutes by default.
import v8 from "node:v8";
import vm from "node:vm";
import { main, prepare } from "./prepare.mjs";

const MINUTES = 10;
const POLICY_CASES = 50_000;
const API_REQUESTS = 10_000;
const DISCOVERY_REQUESTS = 100_000;

await main(async () => {
  await prepare();
  const { fuzzApi } = await import("../dist/test/support/fuzz/fuzz-api.js");
  const { fuzzFilter } = await import("../dist/test/support/fuzz/fuzz-filter.js");
  const [minutes = MINUTES, first = Date.now() % 2147483647] = process.argv.slice(2).map(Number);
  await fuzzPolicy(first);
  const statuses = [...(await fuzzApi(first, API_REQUESTS))].sort(([a], [b]) => a - b);
  const counted = statuses.map(([status, count]) => `${count} of ${status}`).join(", ");
  process.stdout.write(`${API_REQUESTS} API requests, seed ${first}: ${counted}\n`);
  await fuzzDiscovery(first);
  const end = Date.now() + minutes * 60_000;
  let calls = 0;
  let seed = first;
  for (; Date.now() < end; seed++) {
    try {
      calls += fuzzFilter(seed);
    } catch (error) {
      process.stderr.write(`seed ${seed}: npm run fuzz -- 0.01 ${seed} shows it again\n`);
      throw error;
    }
  }
  process.stdout.write(`${calls} calls, seeds ${first} to ${seed - 1}: nothing found\n`);
});

async function fuzzDiscovery(seed) {
  const { fuzzDiscovery: run } = await import("../dist/test/support/fuzz/fuzz-discovery.js");
  v8.setFlagsFromString("--expose-gc");
  globalThis.gc = vm.runInNewContext("gc");
  const { byStatus, grownBytes } = await run(seed, DISCOVERY_REQUESTS);
  const counted = [...byStatus].map(([name, count]) => `${count} ${name}`).join(", ");
  process.stdout.write(
    `${DISCOVERY_REQUESTS} discovery requests, seed ${seed}: streams ended ${counted}; heap grew ${(grownBytes / 1024).toFixed(0)} KiB after the first tenth\n`,
  );
}

async function fuzzPolicy(seed) {
  const { fuzzConditions, largestCondition } = await import(
    "../dist/test/support/fuzz/fuzz-conditions.js"
  );
  const { fuzzDocuments } = await import("../dist/test/support/fuzz/fuzz-documents.js");
  const { tried, compiled, mostSteps, longestMs } = fuzzConditions(seed, POLICY_CASES);
  process.stdout.write(
    `${tried} conditions, ${compiled} compiled, at most ${mostSteps} steps and ${longestMs.toFixed(2)} ms for one, seed ${seed}: nothing found\n`,
  );
  const { steps, ms } = largestCondition();
  process.stdout.write(`the largest condition: ${steps} steps, ${ms.toFixed(2)} ms\n`);
  const { read, loaded } = fuzzDocuments(seed, POLICY_CASES);
  process.stdout.write(`${read} documents, ${loaded} sets loaded, seed ${seed}: nothing found\n`);
}
