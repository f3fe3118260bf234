import { text } from "./fields.ts";
import { show } from "./show.ts";

/** An address of `http:` or `https:`, as text. */
export function webAddress() {
  return text((value) =>
    isWebAddress(value) ? undefined : `QM0012 ${show(value)} is no address of http or https`,
  ).max(1024);
}

function isWebAddress(value: string): boolean {
  return URL.canParse(value) && ["http:", "https:"].includes(new URL(value).protocol);
}
