import { runCli } from "../../src/cli/program.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `qmesh WORDS` in this process, with what it wrote: for verbs that end by themselves, one at a time. */
export async function runQmesh(...words: readonly string[]): Promise<Ran> {
  const written = { stdout: "", stderr: "" };
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const stream = process[name];
    const { write } = stream;
    stream.write = ((text: string | Uint8Array, ...rest: unknown[]) => {
      written[name] += text.toString();
      const done = rest.at(-1);
      if (typeof done === "function") done();
      return true;
    }) as typeof stream.write;
    return () => {
      stream.write = write;
    };
  });
  try {
    const code = await runCli(words);
    return { code, ...written };
  } finally {
    for (const each of restore) each();
  }
}
