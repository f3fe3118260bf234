/** What the law is told of one request. A caller keeps one instance and fills it anew: nothing is allocated per request. */
export class Request {
  /** Index of the tier, 0 is the most important; one that is not there counts as the last. */
  tier: number = 0;
  /** [0, 1): which part of its tier; the same for a request on every hop. The lowest are shed last. */
  cohort: number = 0;
  /** 1 for the first try; above 1 it is a retry. */
  attempt: number = 1;
  /** How long the caller still waits, ms; 0: unknown. */
  deadlineMs: number = 0;
  /** Hash of the tenant's name (`hash.ts`); 0: no tenants are told apart. */
  tenant: number = 0;
  /** Of the tenant, > 0: what share it has against others. */
  weight: number = 1;
}
