/** `"1.5s"` of proto3 JSON <-> `google.protobuf.Duration`. Throws with the path on any other text. */
export function parseDuration(json: unknown, path: string): { seconds: number; nanos: number } {
  const match = typeof json === "string" ? /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(json) : null;
  if (match === null)
    throw new Error(`${path}: ${JSON.stringify(json)} is not a duration such as "1.5s"`);
  const sign = match[1] === "-" ? -1 : 1;
  return {
    seconds: sign * Number(match[2]) || 0,
    nanos: sign * Number((match[3] ?? "").padEnd(9, "0")) || 0,
  };
}

export function printDuration(seconds: number, nanos: number): string {
  const sign = seconds < 0 || nanos < 0 ? "-" : "";
  const fraction = String(Math.abs(nanos)).padStart(9, "0").replace(/0+$/, "");
  return `${sign}${Math.abs(seconds)}${fraction === "" ? "" : `.${fraction}`}s`;
}

/** Milliseconds as a proto3 JSON duration. */
export function toDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  return printDuration(seconds, Math.round((ms - seconds * 1000) * 1e6));
}
