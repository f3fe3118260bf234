import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkpointsFile, headFile } from "../src/audit/checkpoint-files.ts";
import { parsePublicKey, publicKeyFile } from "../src/audit/key.ts";
import { type AuditLog, openAuditLog } from "../src/audit/log.ts";
import { type AuditQuery, AuditReader } from "../src/audit/reader.ts";
import { AUDIT_FIELDS, type AuditRecord } from "../src/audit/record.ts";
import { verify } from "../src/audit/verify.ts";
import type { Children } from "../src/cli/children.ts";
import { type LibsqlStore, openLibsqlStore } from "../src/store/libsql-store.ts";
import { verdict } from "./overload.ts";
import { type Page, quantile } from "./page.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/**
 * What it costs to write something down for good: entries, documents and audit records, beside a plain file that is flushed
 * after every line. Then a log of 500,000 records: opened, verified, asked.
 */
const TOGETHER = 200;
const PAUSED = "after 10 ms of quiet";
const START_MS = Date.UTC(2026, 0, 1);

const nowMs = () => performance.now();

export async function benchStore(
  _children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const dir = temporaryFolder();
  const writes = await measureWrites(dir, { rounds: 5, times: isFull ? 1000 : 300 });
  const records = 500_000;
  const log = await measureLog(dir, records);
  const single = writes.get("audit record, one at a time");
  const p99 = quantile(single?.times ?? [], 0.99);
  return {
    setup: [
      `records of ${recordBytes()} bytes; one at a time: the next when the last is durable, so that each waits for the 5 ms of a group; together: ${TOGETHER} at once, all awaited`,
      "5 rounds, all in turn; the file is the peer: append a line, fdatasync",
    ],
    table: [
      ["", "a second", "p50", "p99"],
      ...[...writes].map(([name, { times, rows }]) => writeLine(name, times, rows)),
      ...log.lines,
    ],
    findings: [
      `one audit record durable p99 ${p99.toFixed(1)} ms (goal <= 20): ${verdict(p99 <= 20)}`,
      `${records.toLocaleString("en")} records verified in ${(log.verifyMs / 1000).toFixed(1)} s (goal <= 10): ${verdict(log.verifyMs <= 10_000)}`,
      `slowest page of 100 p99 ${log.slowestPageMs.toFixed(1)} ms (goal <= 50): ${verdict(log.slowestPageMs <= 50)}`,
    ],
  };
}

interface Writes {
  /** Milliseconds of each step. */
  readonly times: number[];
  /** Of each step. */
  readonly rows: number;
}

async function measureWrites(
  dir: string,
  { rounds, times }: { readonly rounds: number; readonly times: number },
): Promise<Map<string, Writes>> {
  const { store, log, close } = await open(join(dir, "writes"));
  const file = openSync(join(dir, "lines.jsonl"), "a");
  const body = JSON.stringify(record(0));
  let next = 0;
  const many = <T>(write: () => Promise<T>) => Promise.all(Array.from({ length: TOGETHER }, write));
  const append = () => log.append(record(next++));
  const steps: Record<string, { readonly rows: number; run(): Promise<unknown> }> = {
    "entry, one at a time": { rows: 1, run: () => store.append("bench", [body]) },
    "entries, together": { rows: TOGETHER, run: () => many(() => store.append("bench", [body])) },
    "document, one at a time": { rows: 1, run: () => store.put("bench", `${next++}${body}`) },
    "audit record, one at a time": { rows: 1, run: append },
    [`audit record, ${PAUSED}`]: { rows: 1, run: append },
    "audit records, together": { rows: TOGETHER, run: () => many(append) },
    "file, a line at a time": { rows: 1, run: async () => writeLineOut(file, body) },
  };
  const taken = new Map(
    Object.entries(steps).map(([name, { rows }]) => [name, { rows, times: [] as number[] }]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [name, { rows, run }] of Object.entries(steps)) {
      for (let i = 0; i < (rows === 1 ? times : times / 10); i++) {
        if (name.endsWith(PAUSED)) await sleep(10);
        const startMs = nowMs();
        await run();
        taken.get(name)?.times.push(nowMs() - startMs);
      }
    }
  }
  closeSync(file);
  await close();
  return taken;
}

async function measureLog(dir: string, records: number) {
  const folder = join(dir, "log");
  const rig = await open(folder);
  const writeMs = await fill(rig.log, records);
  await rig.close();
  const openStartMs = nowMs();
  const { store, close } = await open(folder);
  const openMs = nowMs() - openStartMs;
  const verifyStartMs = nowMs();
  const outcome = await verify({
    store,
    key: parsePublicKey(readFileSync(publicKeyFile(folder), "utf8")),
    checkpoints: readFileSync(checkpointsFile(folder), "utf8"),
    head: readFileSync(headFile(folder), "utf8"),
  });
  const verifyMs = nowMs() - verifyStartMs;
  if (!outcome.ok) throw new Error(`entry ${outcome.index}: ${outcome.why}`);
  const pages = await askPages(new AuditReader(store), records);
  const megabytes = Math.round(store.health().sizeBytes / 1e6);
  await close();
  const size = `${records.toLocaleString("en")} audit records`;
  return {
    verifyMs,
    slowestPageMs: Math.max(...[...pages.values()].map((times) => quantile(times, 0.99))),
    lines: [
      [`${size}: written (${megabytes} MB)`, perSecond(records, writeMs), "", ""],
      [`${size}: opened and checked`, "", `${openMs.toFixed(0)} ms`, ""],
      [`${size}: verified`, perSecond(records, verifyMs), `${verifyMs.toFixed(0)} ms`, ""],
      ...[...pages].map(([name, times]) => writeLine(name, times, 1)),
    ],
  };
}

async function fill(log: AuditLog, records: number): Promise<number> {
  const startMs = nowMs();
  for (let from = 0; from < records; from += 1000)
    await Promise.all(Array.from({ length: 1000 }, (_, i) => log.append(record(from + i))));
  return nowMs() - startMs;
}

async function askPages(reader: AuditReader, records: number): Promise<Map<string, number[]>> {
  const middle = Math.floor(records / 2);
  const questions: Record<string, (i: number) => Promise<unknown>> = {
    "record by id": (i) => reader.find(`d-${(i * 7919) % records}`),
    "page of 100, newest": () => reader.list({ limit: 100 }),
    "page of 100 of one subject": (i) =>
      reader.list({ limit: 100, subject: { kind: "Service", name: `service-${i % 100}` } }),
    "page of 100 of an hour": () => reader.list({ limit: 100, ...between(middle, middle + 3600) }),
    "page of 100 of all time but a day": () =>
      reader.list({ limit: 100, ...between(0, records - 86_400) }),
    "page of 100 of a rare kind": () => reader.list({ limit: 100, kind: "freeze" }),
  };
  const taken = new Map<string, number[]>();
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    for (let i = 0; i < 50; i++) {
      const startMs = nowMs();
      await ask(i);
      times.push(nowMs() - startMs);
    }
    taken.set(name, times);
  }
  return taken;
}

function between(from: number, to: number): Pick<AuditQuery, "from" | "to"> {
  return { from: timeOf(from), to: timeOf(to) };
}

interface Rig {
  readonly store: LibsqlStore;
  readonly log: AuditLog;
  close(): Promise<void>;
}

async function open(dir: string): Promise<Rig> {
  const store = openLibsqlStore({ dir, fields: AUDIT_FIELDS, nowMs });
  const log = await openAuditLog({ store, dir, now: () => new Date() });
  const close = async () => {
    await log.close();
    await store.close();
  };
  return { store, log, close };
}

function record(i: number): AuditRecord {
  return {
    id: `d-${i}`,
    at: timeOf(i),
    tick: START_MS / 1000 + i,
    kind: i % 5000 === 0 ? "freeze" : "decision",
    subject: { kind: "Service", name: `service-${i % 100}` },
    actor: "engine",
    policySetDigest: "5f0c1a9be1d2",
    body: {
      because: `v42 is worse: relative risk ${i / 7}, runner-up hold`,
      evidence: [{ signal: "errors", value: i / 1e6, threshold: 0.002, window: "60 s" }],
      causes: [`d-${i - 1}`],
    },
  };
}

function timeOf(second: number): string {
  return new Date(START_MS + second * 1000).toISOString();
}

function recordBytes(): number {
  return JSON.stringify(record(123_456)).length;
}

function writeLineOut(file: number, body: string): void {
  writeSync(file, `${body}\n`);
  fdatasyncSync(file);
}

function writeLine(name: string, times: readonly number[], rows: number): string[] {
  const sum = times.reduce((total, time) => total + time, 0);
  const share = (at: number) => `${quantile(times, at).toFixed(2)} ms`;
  return [name, perSecond(rows * times.length, sum), share(0.5), share(0.99)];
}

function perSecond(count: number, ms: number): string {
  return Math.round((1000 * count) / ms).toLocaleString("en");
}
