/**
 * What a person at a terminal waits for, said on stderr once it takes longer than a second, and taken off when it ends. Blanks
 * instead of escape codes: they mean the same everywhere.
 */
interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const PATIENCE_MS = 1000;

/** Returns what ends it; ending twice does no harm. */
export function waitingFor(what: string, terminal: Terminal = process.stderr): () => void {
  if (terminal.isTTY !== true) return () => undefined;
  let [seconds, width] = [0, 0];
  const timer = setInterval(() => {
    seconds += 1;
    const line = `${what}, ${seconds} s`;
    width = line.length;
    terminal.write(`\r${line}`);
  }, PATIENCE_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (width > 0) terminal.write(`\r${" ".repeat(width)}\r`);
    width = 0;
  };
}

/** The same around work. */
export async function withProgress<T>(what: string, work: Promise<T>): Promise<T> {
  const end = waitingFor(what);
  try {
    return await work;
  } finally {
    end();
  }
}
