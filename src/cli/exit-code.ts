/** What the shell sees; the same meaning for every verb. */
export const EXIT = {
  fine: 0,
  failed: 1,
  usage: 2,
  degraded: 3,
  timedOut: 4,
  interrupted: 130,
} as const;

/** A failure that is the operator's to mend: printed as its one sentence, without a stack. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
