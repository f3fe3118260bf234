import { pushVerdict } from "../../control/push-verdict.ts";
import type { EvidenceSnapshot } from "../../evidence/snapshot.ts";
import type { XdsServerOptions } from "../../xds/server.ts";

/** Envoys report once a second, and a rate needs some of those. */
const HOLD_MS = 10_000;

/** Twice the time after which an Envoy's own fetch of configuration gives up. */
const LAG_MS = 30_000;

/** What `--canary-push` and `--canary-hold` ask of the xDS server. */
export function canaryOptions(
  { canaryPush, canaryHold = HOLD_MS }: { canaryPush?: number; canaryHold?: number },
  evidence: () => EvidenceSnapshot,
): Pick<XdsServerOptions, "canary"> {
  if (canaryPush === undefined) return {};
  const mayGoOn = (trial: Parameters<typeof pushVerdict>[0]) => pushVerdict(trial, evidence());
  return { canary: { share: canaryPush, holdMs: canaryHold, lagMs: LAG_MS, mayGoOn } };
}
