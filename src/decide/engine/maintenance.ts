import type { Maintenance } from "../../policy/intent/maintenance.ts";

/** Whether a window is open at a tick. */
export function isOpen({ window }: Maintenance, tick: number): boolean {
  if (window.kind === "once") {
    return tick * 1000 >= window.fromMs && tick * 1000 < window.toMs;
  }
  const { cron, zone, forSeconds } = window;
  const minute = tick - (tick % 60);
  for (let at = minute; at > tick - forSeconds; at -= 60) if (matches(cron, zone, at)) return true;
  return false;
}

function matches(cron: string, zone: string, tick: number): boolean {
  const fields = cron.trim().split(/\s+/);
  const parts = partsOf(tick, zone);
  return parts.every((value, at) => field(fields[at] ?? "*", value));
}

/** `*`, `5`, `1-5`, `*\/15`, `0,30` and what they make together. */
function field(text: string, value: number): boolean {
  return text.split(",").some((part) => {
    const [range = "*", step = "1"] = part.split("/");
    const [from = 0, to] = range === "*" ? [0, 59] : range.split("-").map(Number);
    const last = to ?? (part.includes("/") ? 59 : from);
    return value >= from && value <= last && (value - from) % Number(step) === 0;
  });
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Minute, hour, day of month, month, day of week as the zone's clock shows them; no clock is asked for the time. */
function partsOf(tick: number, zone: string): readonly number[] {
  const format =
    FORMATS.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      minute: "numeric",
      hour: "numeric",
      day: "numeric",
      month: "numeric",
      weekday: "short",
      hour12: false,
    });
  FORMATS.set(zone, format);
  const parts = Object.fromEntries(
    format.formatToParts(tick * 1000).map(({ type, value }) => [type, value]),
  );
  return [
    Number(parts.minute),
    Number(parts.hour) % 24,
    Number(parts.day),
    Number(parts.month),
    DAYS.indexOf(parts.weekday ?? ""),
  ];
}
