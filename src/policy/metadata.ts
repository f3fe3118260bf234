/**
 * What every document says about itself. The owner stands in `metadata.owner` or, in a Kubernetes export, in the annotation
 * `quantum.mesh/owner`. Fields that a cluster writes into an export are taken and have no meaning here; so has `namespace`, since the
 * mesh has one space of names (a warning says so once documents come from several).
 */
import { z } from "zod";
import { fields } from "./fields.ts";
import { label } from "./names.ts";

export const OWNER_ANNOTATION = "quantum.mesh/owner";

const ignored = z.unknown().optional();

export const metadata = fields({
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
});

export type Metadata = z.output<typeof metadata>;

export function ownerOf(metadata: Metadata): string | undefined {
  return metadata.owner ?? metadata.annotations[OWNER_ANNOTATION];
}
