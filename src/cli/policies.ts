import { fetchAnswer } from "../api/client.ts";
import { pageOf } from "../api/v1/page.ts";
import { intentView, type PolicyView, policyView } from "../api/view/operation.ts";
import type { AskOptions } from "./automation-verbs.ts";
import { EXIT } from "./exit-code.ts";
import { printStructured, say } from "./output.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

/** `qmesh policies`: exit 3 while a breaker is open or probabilities are not trusted. */
export async function showPolicies(options: AskOptions): Promise<number> {
  const policies = await readPolicies(options);
  if (options.output !== "table") printStructured(policies, options.output);
  else {
    const rows = policies.map(({ name, mode, method, methodWhy, breaker, lastAct = "never" }) => [
      name,
      mode,
      methodWhy === undefined ? method : `${method} (drift)`,
      breaker,
      lastAct.slice(0, 19).replace("T", " "),
    ]);
    process.stdout.write(textTable([["POLICY", "MODE", "METHOD", "BREAKER", "LAST ACT"], ...rows]));
    for (const { name, methodWhy, breakerWhy } of policies) {
      if (methodWhy !== undefined) say(`${name} goes by rules: ${methodWhy}.`);
      if (breakerWhy !== undefined) say(`${name} is stopped by its breaker: ${breakerWhy}.`);
    }
  }
  const isDegraded = policies.some(
    ({ breaker, methodWhy }) => breaker !== "closed" || methodWhy !== undefined,
  );
  return isDegraded ? EXIT.degraded : EXIT.fine;
}

export async function showLedger(options: AskOptions): Promise<number> {
  const policies = await readPolicies(options);
  if (options.output !== "table") {
    printStructured(
      policies.map(({ name, ledger, shadow }) => ({ name, ...ledger, shadow })),
      options.output,
    );
    return EXIT.fine;
  }
  const rows = policies.map(({ name, ledger, shadow }) => [
    name,
    ledger.since.slice(0, 10),
    ...[ledger.acted, ledger.helped, ledger.recovered, ledger.noEffect, ledger.harmed].map(String),
    `${Math.round(ledger.minutesSaved)}`,
    `${shadow.unneeded} of ${shadow.judged}`,
  ]);
  process.stdout.write(
    textTable([
      [
        "POLICY",
        "SINCE",
        "ACTED",
        "HELPED",
        "RECOVERED",
        "NO EFFECT",
        "HARMED",
        "MINUTES SAVED",
        "SHADOW UNNEEDED",
      ],
      ...rows,
    ]),
  );
  for (const { name, ledger } of policies) {
    if (ledger.retire !== undefined) say(`${name} may be let go: it ${ledger.retire}.`);
  }
  return EXIT.fine;
}

export async function showIntentHistory({ server, output }: AskOptions): Promise<number> {
  const items = unwrap(
    await fetchAnswer({ server }, "/v1/intents?limit=100", pageOf(intentView)),
  ).items;
  if (output !== "table") printStructured(items, output);
  else {
    const rows = items.map(({ digest, at, isInForce }) => [
      digest.slice(0, 16),
      at,
      isInForce ? "in force" : "",
    ]);
    process.stdout.write(textTable([["DIGEST", "SINCE", ""], ...rows]));
  }
  return EXIT.fine;
}

async function readPolicies({ server }: AskOptions): Promise<readonly PolicyView[]> {
  return unwrap(await fetchAnswer({ server }, "/v1/policies?limit=1000", pageOf(policyView))).items;
}
