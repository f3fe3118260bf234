/**
 * Times at which a Maintenance begins: five fields of cron (minute, hour, day of month, month, day of week; `*`, `a`, `a-b`, lists, steps;
 * 0 and 7 are Sunday). As in cron, with both a day of month and a day of week written, either is enough.
 */
const RANGES = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31 },
  { name: "month", least: 1, most: 12 },
  { name: "day of week", least: 0, most: 7 },
] as const;

const PART = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/;

/** The values each field takes; undefined: `*`. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number> | undefined;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number> | undefined;
}

/** The schedule, or what is wrong as a sentence. */
export function parseSchedule(text: string): Schedule | string {
  const written = text.trim().split(/\s+/);
  if (written.length !== RANGES.length) return `has ${written.length} fields; cron has 5`;
  const sets: Set<number>[] = [];
  for (const [index, range] of RANGES.entries()) {
    const values = valuesOf(written[index] ?? "", range);
    if (typeof values === "string") return values;
    sets.push(values);
  }
  const [minutes = EMPTY, hours = EMPTY, days, months = EMPTY, weekdays] = sets;
  if (weekdays?.delete(7)) weekdays.add(0);
  return {
    minutes,
    hours,
    daysOfMonth: written[2] === "*" ? undefined : days,
    months,
    daysOfWeek: written[4] === "*" ? undefined : weekdays,
  };
}

const EMPTY: ReadonlySet<number> = new Set();

function valuesOf(text: string, range: (typeof RANGES)[number]): Set<number> | string {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const match = PART.exec(part);
    if (match === null)
      return `${range.name} ${JSON.stringify(part)} is not a number, range, list or step`;
    const [, from, to, step = "1"] = match;
    const first = from === undefined ? range.least : Number(from);
    const isOpen = from === undefined || (to === undefined && match[3] !== undefined);
    const last = isOpen ? range.most : Number(to ?? from);
    if (first < range.least || last > range.most || first > last || Number(step) === 0) {
      return `${range.name} ${part} is outside ${range.least} to ${range.most}`;
    }
    for (let value = first; value <= last; value += Number(step)) values.add(value);
  }
  return values;
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
