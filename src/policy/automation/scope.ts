/**
 * What a document of automation is about: a Service, a RateLimit, a tier, Services by label; all that is written must hold. `env: staging`
 * is short for the label `env`; `service: "*"` is every Service, as if it were left out.
 */
import { z } from "zod";
import { fields } from "../fields.ts";
import type { Scope } from "../intent/scope.ts";

const name = z.string().min(1).max(63).exactOptional();

export const scopeSpec = fields(
  {
    service: name,
    rateLimit: name,
    tier: name,
    env: name,
    label: z.record(z.string(), z.string()).default({}),
  },
  { namespace: "namespaces in a scope are" },
).default({ label: {} });

export type ScopeSpec = z.output<typeof scopeSpec>;

export function toScope({ service, rateLimit, tier, env, label }: ScopeSpec): Scope {
  return {
    ...(service !== undefined && service !== "*" && { service }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(tier !== undefined && { tier }),
    labels: { ...label, ...(env !== undefined && { env }) },
  };
}
