/**
 * What every document says about itself. The owner stands in `metadata.owner` or, in a Kubernetes export, in the annotation
 * `quantum.mesh/owner`. Fields that a cluster writes into an export are taken and have no meaning here; so has `namespace`, since the
 * mesh has one space of names (a warning says so once documents come from several).
 */
import { z } from "zod";
import { CLASSES } from "./automation/policy-class.ts";
import { fields, oneOf } from "./fields.ts";
import type { PolicyClass } from "./intent/policy.ts";
import { label } from "./names.ts";

export const OWNER_ANNOTATION = "quantum.mesh/owner";

const ignored = z.unknown().optional();

const common = {
  name: label,
  owner: z.string().min(1).max(253).exactOptional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  namespace: z.string().exactOptional(),
  creationTimestamp: ignored,
  deletionGracePeriodSeconds: ignored,
  deletionTimestamp: ignored,
  finalizers: ignored,
  generateName: ignored,
  generation: ignored,
  managedFields: ignored,
  ownerReferences: ignored,
  resourceVersion: ignored,
  selfLink: ignored,
  uid: ignored,
};

const metadata = fields(common);

const policyMetadata = fields({ ...common, class: oneOf(CLASSES).exactOptional() });

const person = z.string().min(1).max(253);

const overrideMetadata = fields({
  ...common,
  by: person.exactOptional(),
  approvedBy: z.array(person).max(16).default([]),
});

export type Metadata = z.output<typeof metadata> & {
  /** Of a Policy. */
  readonly class?: PolicyClass;
  /** Of an Override: claims. */
  readonly by?: string;
  readonly approvedBy?: readonly string[];
};

/** A Policy says its class, an Override who wants it. */
export function metadataOf(kind: unknown): z.ZodType<Metadata> {
  if (kind === "Policy") return policyMetadata;
  return kind === "Override" ? overrideMetadata : metadata;
}

export function ownerOf(metadata: Metadata): string | undefined {
  return metadata.owner ?? metadata.annotations[OWNER_ANNOTATION];
}
