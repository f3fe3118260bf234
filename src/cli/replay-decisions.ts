import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { DecisionRecord } from "../decide/record.ts";
import {
  type EngineReplay,
  EngineReplayer,
  type EngineTraceLine,
} from "../decide/replay/engine-replay.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { loadForUse } from "./analyze.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { printStructured, type StructuredFormat } from "./output.ts";
import { oneLine } from "./text-table.ts";

/** `qmesh replay FILE… [--policy DIR]`: the engine again on what `serve --capture` wrote. */
export async function replayDecisions(
  files: readonly string[],
  options: { readonly policy?: string; readonly output: "table" | StructuredFormat },
): Promise<number> {
  const instead = options.policy === undefined ? undefined : await loadForUse(options.policy);
  const replays: (EngineReplay & { readonly file: string })[] = [];
  for (const file of files) replays.push({ file, ...(await replayFile(file, instead)) });
  if (options.output !== "table") printStructured(replays, options.output);
  else for (const replay of replays) process.stdout.write(render(replay, options.policy));
  const isFine = instead !== undefined || replays.every((each) => each.differingTurns === 0);
  return isFine ? EXIT.fine : EXIT.failed;
}

async function replayFile(file: string, instead: PolicySet | undefined): Promise<EngineReplay> {
  const replayer = new EngineReplayer(instead);
  let number = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file) })) {
      number += 1;
      if (text !== "") replayer.take(JSON.parse(text) as EngineTraceLine);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const at = number === 0 ? file : `${file}:${number}`;
    throw new Failure(`${at}: ${code ?? message}: it is not what serve --capture wrote.`);
  }
  const result = replayer.result();
  if (result.turns === 0) throw new Failure(`${file}: holds no turn of the engine.`);
  return result;
}

function render(
  { file, turns, records, differing, differingTurns }: EngineReplay & { readonly file: string },
  policy: string | undefined,
): string {
  const whole = `${file}: ${turns} turns, ${records} records`;
  if (differingTurns === 0) {
    return `${whole}, ${policy === undefined ? "equal to the byte" : `${policy} decides the same`}\n`;
  }
  const head = `${whole}, ${differingTurns} turns come out otherwise${policy === undefined ? "" : ` under ${policy}`}`;
  const lines = differing.flatMap(({ tick, onlyCaptured, onlyReplayed }) => {
    const at = new Date(tick * 1000).toISOString();
    return [
      ...onlyCaptured.map((record) => `${at} - ${describe(record)}`),
      ...onlyReplayed.map((record) => `${at} + ${describe(record)}`),
      ...(onlyCaptured.length + onlyReplayed.length === 0 ? [`${at} ! another state`] : []),
    ];
  });
  return `${[head, ...lines].join("\n")}\n`;
}

function describe({ subject, body }: DecisionRecord): string {
  return oneLine(`${subject.kind} ${subject.name} ${body.verdict}: ${body.because[0] ?? ""}`);
}
