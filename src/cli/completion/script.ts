import type { Command } from "commander";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { verbsOf } from "./words.ts";
import { zshScript } from "./zsh.ts";

/** `qmesh completion bash|zsh|fish`: a script for the shell, made of the verbs and options themselves. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function completionScript(program: Command, shell: Shell): string {
  return SCRIPTS[shell](verbsOf(program));
}
