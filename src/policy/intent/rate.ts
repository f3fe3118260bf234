/** So many requests each `perMs` milliseconds: 1000, 60000, 3600000 or 86400000. */
export interface Rate {
  readonly requests: number;
  readonly perMs: number;
}
