import { badConditions, badOthers, badPolicies, badRollouts } from "./automation/bad-automation.ts";
import {
  type BadCase,
  badGateways,
  badGrpcRoutes,
  badRateLimits,
  badRoutes,
  badServices,
  badSets,
  badSheddings,
  badText,
} from "./bad-values.ts";

/** Intent with something wrong in it and what is said of it, by what it is about. */
export const BAD_CASES: Readonly<Record<string, readonly BadCase[]>> = {
  "text and envelope": badText,
  Gateway: badGateways,
  HTTPRoute: badRoutes,
  GRPCRoute: badGrpcRoutes,
  Service: badServices,
  Shedding: badSheddings,
  RateLimit: badRateLimits,
  "a set": badSets,
  conditions: badConditions,
  Policy: badPolicies,
  Rollout: badRollouts,
  "objectives, alerts, Overrides, Maintenances and Adapters": badOthers,
};
