import { setTimeout as sleep } from "node:timers/promises";
import { stopSignal } from "./stop-signal.ts";

/** One look of a verb at the mesh. */
export interface Look {
  readonly text: string;
  readonly exitCode: number;
  /** Nothing more will come. */
  readonly isOver?: boolean;
}

const PERIOD_MS = 1000;

/** Prints a look; with `-w` a new one every second, over the last on a terminal, until a signal or until it is over. */
export async function watching(
  { watch = false }: { readonly watch?: boolean },
  look: () => Promise<Look>,
): Promise<number> {
  let { text, exitCode, isOver } = await look();
  process.stdout.write(text);
  if (!watch) return exitCode;
  const stopped = stopSignal();
  while (isOver !== true) {
    if ((await Promise.race([stopped, sleep(PERIOD_MS)])) !== undefined) break;
    ({ text, exitCode, isOver } = await look());
    process.stdout.write(`${againMark(process.stdout, process.env)}${text}`);
  }
  return exitCode;
}

/** What stands between two looks: on a terminal the screen is cleared, unless it is to be left plain. */
export function againMark(
  { isTTY }: { readonly isTTY?: boolean },
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): string {
  const isPlain = isTTY !== true || (NO_COLOR ?? "") !== "" || TERM === "dumb";
  return isPlain ? "\n" : "\u001b[H\u001b[2J";
}
