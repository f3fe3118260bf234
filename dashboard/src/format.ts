/** Numbers, shares and times as people read them. Unknown is a dash with a name, never a 0. */
export const UNKNOWN = "–";

export function number(value: number | undefined, digits = 3): string {
  if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 10_000)
    return new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 })
      .format(value)
      .replace("K", "k");
  if (size >= 100) return String(Math.round(value));
  if (size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(digits)));
}

/** A rate per second; below a tenth nobody cares how little. */
export function rate(value: number | undefined): string {
  if (value !== undefined && value > 0 && value < 0.1) return "<0.1";
  return number(value, 2 + (value !== undefined && value >= 10 ? 1 : 0));
}

/** Of a ratio; enough digits that 99.95 % is not 100 %. */
export function percent(ratio: number | undefined): string {
  if (ratio === undefined || !Number.isFinite(ratio)) return UNKNOWN;
  const value = ratio * 100;
  // Down, or 99.996 % would be all of it.
  if (value > 99 && value < 100) return `${Math.floor(value * 100) / 100} %`;
  return `${Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1))} %`;
}

export function ms(value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  return value >= 1000 ? `${number(value / 1000)} s` : `${number(value)} ms`;
}

export function seconds(value: number): string {
  if (value < 90) return `${Math.round(value)} s`;
  if (value < 5400) return `${Math.round(value / 60)} min`;
  if (value < 129_600) return `${Math.round(value / 3600)} h`;
  return `${Math.round(value / 86_400)} days`;
}

export function ago(iso: string, nowMs: number): string {
  const past = (nowMs - Date.parse(iso)) / 1000;
  if (!Number.isFinite(past)) return UNKNOWN;
  return past < 0 ? `in ${seconds(-past)}` : `${seconds(past)} ago`;
}

/** By the reader's clock; of another day than today, with the day. */
export function clock(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return UNKNOWN;
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? timeOfDay(date) : `${DAY.format(date)} ${timeOfDay(date)}`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Of a chart, whose range says which day. */
export function timeOfDay(date: Date): string {
  return date.toTimeString().slice(0, 8);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Where a judgement stands beside what it is about and its state. */
export function withoutSubject(why: string): string {
  return why.replace(/^Shedding \S+ on \S+ is \w+: /, "");
}
