/** What conditions read must be there: the document or the signal that a function is asked about. */
import type { Draft } from "../draft.ts";
import type { Kind } from "../kinds.ts";
import type { Path } from "../path.ts";
import { OWN_SIGNALS } from "./adapter.ts";
import type { Referents } from "./referents.ts";
import { writtenConditions } from "./written-conditions.ts";

/** Functions whose text names a document; the rest of those that read something read a signal. */
const DOCUMENT_READERS: Readonly<Record<string, Kind>> = {
  burn: "SLO",
  pBurn: "SLO",
  evidence: "Rollout",
  pWorse: "Rollout",
  quantile: "Service",
  disagreement: "Service",
};
const SIGNAL_READERS: readonly string[] = ["rate", "anomaly", "forecast", "age", "pAbove", "siem"];
/** What may be asked of the mesh's own signals. */
const OWN_READERS: readonly string[] = ["rate", "age"];

export function checkConditionReferences(referents: Referents): void {
  for (const { draft, path, program } of writtenConditions(referents.drafts)) {
    for (const read of program.expression.reads) checkRead(draft, { read, path }, referents);
  }
}

/** `read`: `function:argument`. */
function checkRead(
  draft: Draft<unknown>,
  { read, path }: { read: string; path: Path },
  referents: Referents,
): void {
  const colon = read.indexOf(":");
  const [reader, name] = [read.slice(0, colon), read.slice(colon + 1)];
  const kind = DOCUMENT_READERS[reader];
  if (kind !== undefined) referents.checkName(draft, kind, { name, path });
  if (reader === "cost") referents.checkSignal(draft, `cost.${name}`, path);
  if (!SIGNAL_READERS.includes(reader)) return;
  if (!OWN_SIGNALS.includes(name)) {
    referents.checkSignal(draft, name, path);
  } else if (!OWN_READERS.includes(reader)) {
    const can = OWN_READERS.map((each) => `${each}()`).join(" and ");
    draft.wrong("QM0218", path, `${reader}() does not know ${name}, which is for ${can}`);
  }
}
