import type { PolicySet } from "../policy/policy-set.ts";
import { EXIT, Failure } from "./exit-code.ts";

/** The Gateway asked for, or the only one there is; a Failure says what there is to choose from. */
export function chooseGateway(policySet: PolicySet, asked: string | undefined): string {
  const names = policySet.gateways.map(({ name }) => name);
  const chosen = asked ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) {
    throw new Failure(
      `the intent holds ${names.length} Gateways (${names.join(", ")}): choose one with --gateway.`,
      EXIT.usage,
    );
  }
  if (!names.includes(chosen)) {
    throw new Failure(
      `no Gateway named ${chosen}; there is ${names.join(", ") || "none"}.`,
      EXIT.usage,
    );
  }
  return chosen;
}
