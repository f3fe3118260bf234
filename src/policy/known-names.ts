/**
 * Which documents there are, by kind and name, for references. A document that exists but could not be read whole still counts
 * as there, so that one fault is told once; and where a file could not be read at all, no name is missed.
 */
import { isSupported, type Kind } from "./kinds.ts";
import { didYouMean } from "./nearest.ts";
import { valueAt } from "./path.ts";
import type { Sources } from "./source.ts";

/** What to say if the document is not there. */
export type Absent = (kind: Kind, name: string) => string | undefined;

export function absentFrom(sources: Sources): Absent {
  const names = new Map<Kind, Set<string>>();
  return (kind, name) => {
    if (sources.isIncomplete) return undefined;
    const known = names.get(kind) ?? namesOf(kind, sources);
    names.set(kind, known);
    if (known.has(name)) return undefined;
    return `there is no ${kind} ${name}${didYouMean(name, known)}`;
  };
}

/** Names of the documents of a kind, and of those whose kind is itself at fault and might be this one. */
function namesOf(kind: Kind, { documents }: Sources): Set<string> {
  const may = documents.filter(({ root }) => {
    const written = root.kind;
    return typeof written !== "string" || written === kind || !isSupported(written);
  });
  const names = may.map(({ root }) => valueAt(root, ["metadata", "name"]));
  return new Set(names.filter((name) => typeof name === "string"));
}
