import { ORDERS } from "../../../src/api/v1/orders.ts";
import { READS } from "../../../src/api/v1/routes.ts";
import { exampleApi, TOKEN } from "../operators/example-api.ts";

/** Random requests at every address of the API, half of them nearly right. Resolves to how many of each status. */
export async function fuzzApi(seed: number, count: number): Promise<ReadonlyMap<number, number>> {
  const random = generator(seed);
  // A second goes by between two requests, so that the rate limits hide nothing.
  let nowMs = 0;
  const { app, errors, live } = exampleApi({ nowMs: () => (nowMs += 1000) });
  const statuses = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const { method, path, init } = request(random);
    const response = await app.request(path, init);
    await response.body?.cancel();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    const [error] = errors;
    if (response.status >= 500 || error !== undefined) {
      live.stop();
      throw new Error(`seed ${seed}: ${method} ${path} answered ${response.status}`, {
        cause: error,
      });
    }
  }
  live.stop();
  return statuses;
}

type Random = () => number;

function request(random: Random) {
  const isOrder = random() < 0.5;
  const path = fill(pick<{ readonly path: string }>(random, isOrder ? ORDERS : READS).path, random);
  const method =
    random() < 0.9 ? (isOrder ? "POST" : "GET") : pick(random, ["PUT", "DELETE", "HEAD", "PATCH"]);
  const url = `http://127.0.0.1${random() < 0.05 ? `/${text(random)}` : ""}${path}${query(random)}`;
  const hasBody = method !== "GET" && method !== "HEAD";
  return {
    method,
    path: url,
    init: { method, headers: headers(random), ...(hasBody && { body: body(random) }) },
  };
}

function headers(random: Random): Record<string, string> {
  const token = random() < 0.9 ? TOKEN : pick(random, ["x", "a.b.c", ""]);
  return {
    ...(random() < 0.97 && { authorization: `Bearer ${token}` }),
    "content-type": random() < 0.9 ? "application/json" : pick(random, ["text/plain", ""]),
    ...(random() < 0.1 && { "if-none-match": pick(random, ["*", '"x"', "W/", ","]) }),
  };
}

const NAMES = [
  "checkout",
  "t9k2-4be1d0",
  "edge-1",
  "%2F",
  "%00",
  "..",
  "%E0%A4%A",
  "a%20b",
  "__proto__",
];
const KEYS = [
  "limit",
  "cursor",
  "search",
  "kind",
  "from",
  "seconds",
  "prefix",
  "topics",
  "sync",
  "x",
];
const VALUES = [
  "1",
  "1000",
  "-1",
  "1e9",
  "NaN",
  "checkout",
  "decision",
  "",
  "%00",
  "2026-01-01T00:00:00Z",
  "[]",
];
const FIELDS = ["reason", "knob", "value", "ttlSeconds", "actionable", "__proto__", "constructor"];

function fill(path: string, random: Random): string {
  return path.replace(/\{\w+\}/g, () => (random() < 0.8 ? pick(random, NAMES) : text(random)));
}

function query(random: Random): string {
  const count = Math.floor(random() * random() * 4);
  const pairs = Array.from(
    { length: count },
    () => `${pick(random, KEYS)}=${random() < 0.8 ? pick(random, VALUES) : text(random)}`,
  );
  return count === 0 ? "" : `?${pairs.join("&")}`;
}

function body(random: Random): string {
  const kind = random();
  if (kind < 0.1) return text(random);
  if (kind < 0.2) return pick(random, ["null", "[]", "{", "1", '"x"', "[[[[[[[[", "\u0000"]);
  if (kind < 0.3) return "[".repeat(20_000);
  const fields = FIELDS.filter((field) => random() < (field === "reason" ? 0.8 : 0.3)).map(
    (field) => `${JSON.stringify(field)}:${value(random)}`,
  );
  return `{${fields.join(",")}}`;
}

function value(random: Random): string {
  return pick(random, [
    '"because"',
    "0.5",
    "600",
    "-1",
    "1e308",
    "null",
    "{}",
    "[1]",
    '"yes"',
    '""',
    "true",
  ]);
}

function text(random: Random): string {
  const length = Math.floor(random() * 40);
  return encodeURIComponent(
    String.fromCharCode(...Array.from({ length }, () => Math.floor(random() * 0xd7ff))),
  );
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** Mulberry32. */
function generator(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
