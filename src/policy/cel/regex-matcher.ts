/**
 * Regular expressions of conditions: checked as those of routes are, matched in time linear in the text, by RE2's own method. The whole text
 * must match, as with Envoy.
 */
import { RE2JS } from "@bufbuild/re2";
import { regexFault } from "../regex.ts";

/** A matcher, or what is wrong as a sentence. */
export function regexMatcher(source: string): ((text: string) => boolean) | string {
  const fault = regexFault(source);
  if (fault !== undefined) return fault.slice(7);
  try {
    const compiled = RE2JS.compile(source);
    return (text) => compiled.testExact(text);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
