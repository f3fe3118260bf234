import { fetchAnswer, postIntent } from "../api/client.ts";
import { intentSchema } from "../api/status-document.ts";
import type { AppliedView } from "../api/view/applied.ts";
import { filesIn } from "../control/intent-writer.ts";
import { loadForUse } from "./analyze.ts";
import { type OrderOptions, tokenOf } from "./automation-verbs.ts";
import { EXIT } from "./exit-code.ts";
import { printStructured, say } from "./output.ts";
import { unwrap } from "./unwrap.ts";

/** `qmesh apply`, `diff` and `delete`: intent by the API instead of by the control plane's own folder. */
interface IntentOptions extends OrderOptions {
  readonly output: "table" | "json" | "yaml";
  readonly allowShrink?: boolean;
}

/** Building and writing a large set takes seconds. */
const TIMEOUT_MS = 60_000;

/** Makes the folder the intent: what is not in it goes. */
export async function apply(options: IntentOptions & { readonly file: string }): Promise<number> {
  const files = await readFolder(options.file);
  const applied = await send({ files, ...flagsOf(options) }, options);
  show(applied, options, `in force: ${applied.digest}`);
  return EXIT.fine;
}

/** What `apply` would change; exit 3 if that is anything. */
export async function diff(options: IntentOptions & { readonly file: string }): Promise<number> {
  const files = await readFolder(options.file);
  const applied = await send({ files, dryRun: true }, options);
  show(applied, options, applied.changes.length === 0 ? "nothing would change" : "");
  return applied.changes.length === 0 ? EXIT.fine : EXIT.degraded;
}

export async function deleteDocuments(
  documents: readonly string[],
  options: IntentOptions,
): Promise<number> {
  const applied = await send({ without: documents, ...flagsOf(options) }, options);
  show(applied, options, `in force: ${applied.digest}`);
  return EXIT.fine;
}

async function readFolder(folder: string) {
  await loadForUse(folder);
  return filesIn(folder);
}

function flagsOf({ allowShrink, reason }: IntentOptions) {
  return {
    ...(allowShrink === true && { allowShrink }),
    ...(reason !== undefined && { reason }),
  };
}

/** For the set in force now: who was quicker is not overwritten unseen. */
async function send(
  body: Readonly<Record<string, unknown>>,
  options: IntentOptions,
): Promise<AppliedView> {
  const address = { server: options.server, ...tokenOf(options), timeoutMs: TIMEOUT_MS };
  const { digest } = unwrap(await fetchAnswer(address, "/v1/intent", intentSchema));
  return unwrap(await postIntent(address, body, digest));
}

const SIGNS = { added: "+", changed: "~", removed: "-" };

function show(
  { changes, held, digest }: AppliedView,
  { output }: IntentOptions,
  last: string,
): void {
  if (output !== "table") {
    printStructured({ digest, changes, held }, output);
    return;
  }
  for (const { document, change, paths } of changes)
    process.stdout.write(`${[SIGNS[change], document, ...paths].join(" ")}\n`);
  for (const why of held) say(`would be held: ${why} (--allow-shrink)`);
  if (last !== "") say(last);
}
