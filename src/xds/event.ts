import type { TrialEvent } from "./canaries.ts";
import type { XdsNode } from "./node.ts";
import type { Refusal } from "./refusal.ts";
import type { Withheld } from "./withhold.ts";

/** Everything the server tells its owner: worth a log line or a counter. */
export type XdsEvent =
  | {
      readonly kind: "connected";
      readonly streamId: number;
      readonly key: string;
      readonly node: XdsNode;
      /** It holds resources from an earlier stream, so it has not just been started. */
      readonly resumes: boolean;
    }
  | { readonly kind: "disconnected"; readonly streamId: number; readonly nodeId: string }
  | {
      readonly kind: "sent";
      readonly nodeId: string;
      readonly typeUrl: string;
      readonly version: string;
      readonly resources: number;
      readonly removed: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "acked";
      readonly nodeId: string;
      readonly typeUrl: string;
      readonly version: string;
    }
  | {
      readonly kind: "nacked";
      readonly nodeId: string;
      readonly typeUrl: string;
      readonly version: string;
      /** Names the refused response carried. */
      readonly names: readonly string[];
      readonly message: string;
    }
  /** Refused, by those asked for a second opinion too, and accepted by nobody: all of the key are kept from it until its content changes. */
  | ({ readonly kind: "withheld"; readonly key: string } & Withheld)
  | TrialEvent
  | { readonly kind: "unsupported-type"; readonly nodeId: string; readonly typeUrl: string }
  | { readonly kind: "refused"; readonly streamId: number; readonly refusal: Refusal };
