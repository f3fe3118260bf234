const LONGEST = 60;

/** A value as a problem quotes it: JSON, cut after 60 characters. */
export function show(value: unknown): string {
  if (typeof value === "number") return String(value);
  const json = typeof value === "string" ? JSON.stringify(value.slice(0, LONGEST)) : undefined;
  if (json !== undefined)
    return (value as string).length > LONGEST ? `${json.slice(0, -1)}..."` : json;
  if (Array.isArray(value)) return "a list";
  return value !== null && typeof value === "object" ? "a mapping" : String(value);
}
