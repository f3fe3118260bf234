import type { Evidence } from "../../evidence/evidence.ts";
import type { Verify } from "../../policy/intent/policy.ts";

/** Values are counted over this time, so that one late value is no other rate. */
const WINDOW_SECONDS = 120;

/**
 * How a signal is measured: its labels' names and, to a factor of 2, how often it comes. Undefined: nothing is known of it.
 * The mesh's own counts have fixed labels and edges, and a clock of their own.
 */
export function instrumentOf({ signal }: Verify, evidence: Evidence): string | undefined {
  const reading = evidence.signal(signal);
  if (reading === undefined || reading.state !== "ok") return undefined;
  const values = evidence.signalValues(signal, WINDOW_SECONDS);
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined || values.length < 4) return undefined;
  // Not before the window is full: a signal that begins is no other one.
  if (last.tick - first.tick < WINDOW_SECONDS / 2) return undefined;
  const spacing = (last.tick - first.tick) / (values.length - 1);
  const labels = Object.keys(reading.labels).sort().join(",");
  return `labels ${labels === "" ? "none" : labels}, a value each ${2 ** Math.round(Math.log2(spacing))} s`;
}
