import { writeSync } from "node:fs";
import { record } from "../../audit/records.ts";
import { openLog } from "../../audit/rig.ts";

/**
 * A process to be killed: appends to the log of a folder without end, 20 records at a time, and prints `INDEX ID` of each
 * that was acknowledged. `node audit-writer.js DIR PREFIX`.
 */
const IN_FLIGHT = 20;
const STDOUT = 1;

const [dir = "", prefix = ""] = process.argv.slice(2);
const { log } = await openLog(dir);
let next = 0;

async function writeOn(): Promise<never> {
  for (;;) {
    const id = `${prefix}-${next++}`;
    const index = await log.append(record(next, { id }));
    writeSync(STDOUT, `${index} ${id}\n`);
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, writeOn));
