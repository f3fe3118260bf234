/** Runs `fire` after `ms` unless the returned function is called before. */
export type Schedule = (ms: number, fire: () => void) => () => void;
