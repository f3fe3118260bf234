import { z } from "zod";
import type { TraceRequest } from "../decide/replay/trace.ts";

/**
 * A captured trace: JSON lines, one request a line, in any order (Envoy writes a request when it ends). Fields that are not
 * ours are passed over, so an access log may hold more; an empty line too. The first line that is wrong is told by number.
 */
export type TraceReading =
  | { readonly ok: true; readonly trace: readonly TraceRequest[] }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** Envoy's formatter writes a time of day as text, and `null` for a header that is not there. */
const time = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,16}(\.\d+)?$/)
    .transform(Number),
]);
const name = z.string().nullish();

const line = z.object({
  atMs: time.pipe(z.number().min(0)),
  durationMs: z.number().min(0),
  cluster: name,
  route: name,
  path: z.string(),
  headers: z.record(z.string(), z.string().nullable()).nullish(),
  status: z.int().min(0).max(999),
});

/** Beyond it something is wrong with a time, and the law would tick for hours over nothing. */
const LONGEST_MS = 24 * 3_600_000;

export function parseTrace(text: string): TraceReading {
  const trace: TraceRequest[] = [];
  const numbers: number[] = [];
  for (const [index, written] of text.split("\n").entries()) {
    if (written.trim() === "") continue;
    const request = parseLine(written);
    if (typeof request === "string") return { ok: false, line: index + 1, message: request };
    trace.push(request);
    numbers.push(index + 1);
  }
  const firstMs = trace.reduce(
    (least, { atMs }) => Math.min(least, atMs),
    Number.POSITIVE_INFINITY,
  );
  const late = trace.findIndex(({ atMs }) => atMs - firstMs > LONGEST_MS);
  if (late < 0) return { ok: true, trace };
  const message = "atMs: more than 24 hours after the earliest request; cut the trace";
  return { ok: false, line: numbers[late] ?? 0, message };
}

/** The sentence of what is wrong, if it is. */
function parseLine(written: string): TraceRequest | string {
  const parsed = line.safeParse(parseJson(written));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join(".") ?? "";
    return path === "" ? "not a JSON object" : `${path}: ${lowerFirst(issue?.message ?? "")}`;
  }
  const { headers, cluster, route, ...rest } = parsed.data;
  const present = Object.entries(headers ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return {
    ...rest,
    cluster: cluster ?? "",
    route: route ?? "",
    headers: new Map(present.map(([header, value]) => [header.toLowerCase(), value])),
  };
}

function parseJson(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
