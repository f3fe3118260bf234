import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StoreRefusal } from "../../../src/store/store.ts";
import { record } from "../../audit/records.ts";
import { openLog, verifyFolder } from "../../audit/rig.ts";

/**
 * On a disk of a few MiB, with the reserve of the store switched off: appends, fills the disk, appends until refused, makes
 * room, appends again; one JSON document on stdout. `node full-disk-writer.js DIR`.
 */
export interface FullDiskReport {
  readonly before: number;
  /** Taken by what was left of the log's own pages. */
  readonly whileFull: number;
  readonly refusal: string;
  /** Of the first record after there was room again. */
  readonly indexAfter: number;
  readonly isSound: boolean;
}

const BODY = { blob: "x".repeat(20_000) };
const BEFORE = 20;

const [dir = ""] = process.argv.slice(2);
const rig = await openLog(dir, () => Number.POSITIVE_INFINITY);
const ballast = join(dir, "ballast");
let next = 0;
const append = () => rig.log.append(record(next++, { body: BODY }));

for (let i = 0; i < BEFORE; i++) await append();
const { bavail, bsize } = statfsSync(dir);
writeFileSync(ballast, Buffer.alloc(bavail * bsize));
let whileFull = 0;
let refusal: unknown;
while (refusal === undefined) {
  await append().then(
    () => whileFull++,
    (error) => {
      refusal = error;
    },
  );
}
rmSync(ballast);
const indexAfter = await append();
await rig.close();
const { ok } = await verifyFolder(dir);
const report: FullDiskReport = {
  before: BEFORE,
  whileFull,
  refusal:
    refusal instanceof StoreRefusal ? `${refusal.kind}: ${refusal.message}` : String(refusal),
  indexAfter,
  isSound: ok,
};
process.stdout.write(JSON.stringify(report));
