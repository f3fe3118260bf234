// npm run fuzz [-- MINUTES [SEED]]: the filter's fuzz for as long as you like, 10 minutes by default.
import { main, prepare } from "./prepare.mjs";

const MINUTES = 10;

await main(async () => {
  await prepare();
  const { fuzzFilter } = await import("../dist/test/support/fuzz/fuzz-filter.js");
  const [minutes = MINUTES, first = Date.now() % 2147483647] = process.argv.slice(2).map(Number);
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
