import type { Draft } from "../draft.ts";
import type { IdentitySpec } from "./identity.ts";
import type { Referents } from "./referents.ts";

/** Keys that came another way than their address says are nobody's. */
export function checkIdentityReferences(draft: Draft<IdentitySpec>, referents: Referents): void {
  const { uri, service: name } = draft.spec.jwks ?? {};
  const path = ["jwks", "service"];
  referents.checkName(draft, "Service", { name, path });
  const service = referents.drafts.Service.find((each) => each.name === name);
  if (uri === undefined || service === undefined || service.isDamaged(["tls"])) return;
  const isSecure = service.spec.tls !== undefined;
  if (uri.startsWith("https:") === isSecure) return;
  const how = isSecure ? "with TLS" : "in plaintext: it has no tls";
  draft.wrong("QM0229", path, `Service ${name} is reached ${how}, and the address is ${uri}`);
}
