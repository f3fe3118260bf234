import { z } from "zod";

/** What a node should have of one type, resource by resource, against what it made of it. */
export const CONFIG_TYPES = ["clusters", "routes", "listeners", "endpoints", "secrets"] as const;
export type ConfigType = (typeof CONFIG_TYPES)[number];

export const configView = z.object({
  node: z.string(),
  type: z.enum(CONFIG_TYPES),
  /** Of the type as a whole. */
  state: z.enum(["SYNCED", "STALE", "NOT SENT", "REJECTED"]),
  /** Versions of the type: hash of its content. */
  wanted: z.string().exactOptional(),
  acked: z.string().exactOptional(),
  resources: z
    .array(
      z.object({
        name: z.string(),
        /** That it should have. */
        version: z.string(),
        /** `WITHHELD`: it is given an earlier version, since another of its role refused the newest. */
        state: z.enum(["SYNCED", "STALE", "NOT SENT", "REJECTED", "WITHHELD", "UNKNOWN"]),
        /** The node's words. */
        error: z.string().exactOptional(),
        /** As Envoy's JSON; a secret has none. */
        content: z.record(z.string(), z.unknown()).exactOptional(),
      }),
    )
    .readonly(),
});

export type ConfigView = z.infer<typeof configView>;
