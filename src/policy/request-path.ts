/**
 * Paths of requests as Gateway API takes them: absolute, at most 1024 characters and already normal, since a path that no client
 * can send after normalisation would silently match nothing. A trailing / of a prefix has no meaning and is taken off.
 */
import { show } from "./show.ts";

const FORBIDDEN = ["//", "/./", "/../", "%2f", "%2F", "#", "?"];

/** What is wrong with an exact path or a prefix, as `CODE sentence`. */
export function pathFault(path: string): string | undefined {
  if (!path.startsWith("/")) return `QM0018 ${show(path)} does not begin with /`;
  if (path.length > 1024) return `QM0005 length ${path.length} is above 1024`;
  const part = FORBIDDEN.find((bad) => path.includes(bad));
  if (part !== undefined) return `QM0018 ${show(path)} holds ${part}, which no path to match has`;
  if (/\/\.\.?$/.test(path)) return `QM0018 ${show(path)} ends in a dot segment`;
  if (!/^[\x21-\x7e]+$/.test(path)) {
    return `QM0018 ${show(path)} holds a character that must be percent-encoded`;
  }
  return undefined;
}

/** `/pay` for `/pay/`; `/` stays. */
export function toPrefix(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
