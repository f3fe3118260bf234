/** What the shedding law says of one request. */
export enum Verdict {
  Admit = 0,
  /** The concurrency in use leaves no room for this tier. */
  ShedLimit = 1,
  /** Its tier or cohort is beyond what the backend can serve of the present load. */
  ShedLevel = 2,
  /** Its tenant has had its fair share. */
  ShedTenant = 3,
  /** A retry where retries are already a tenth of what is admitted. */
  ShedRetry = 4,
  /** The caller would be gone before the answer. */
  ShedDeadline = 5,
}
