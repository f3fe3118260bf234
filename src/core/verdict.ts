/** What the shedding law says of one request. */
export enum Verdict {
  Admit = 0,
  /** The concurrency in use leaves no room for this tier. */
  ShedLimit = 1,
}
