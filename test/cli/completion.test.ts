import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { runQmesh } from "../support/run-cli.ts";

/** What stands before the cursor, and what each shell makes of it; of fish also the words of other options. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ["qmesh ge", ["get"]],
  ["qmesh rollout pro", ["promote"]],
  ["qmesh envoy p", ["path"]],
  ["qmesh get nodes --lim", ["--limit"]],
  ["qmesh get --se", ["--search", "--server"]],
];

describe("qmesh completion", () => {
  const folder = temporaryFolder();
  const file = (shell: string) => join(folder, `qmesh.${shell}`);

  before(async () => {
    for (const shell of ["bash", "zsh", "fish"])
      writeFileSync(file(shell), (await runQmesh("completion", shell)).stdout);
  });

  const shells = {
    bash: (line: string) => {
      const typed = line.split(" ");
      const run = `source ${file("bash")}; COMP_WORDS=(${typed.join(" ")}); COMP_CWORD=${typed.length - 1}; _qmesh; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return spawnSync("bash", ["-c", run], { encoding: "utf8" });
    },
    zsh: (line: string) =>
      spawnSync("zsh", ["-f", "-c", zshAt(file("zsh"), line)], {
        encoding: "utf8",
        timeout: 20_000,
      }),
    fish: (line: string) =>
      spawnSync("fish", ["--no-config", "-c", `source ${file("fish")}; complete -C "${line}"`], {
        encoding: "utf8",
      }),
  };

  for (const [shell, complete] of Object.entries(shells)) {
    const isThere = spawnSync(shell, ["-c", "exit 0"]).status === 0;
    for (const [line, words] of LINES) {
      const title = `completes "${line}" in ${shell} to ${words.join(", ")}`;
      if (!isThere) {
        it.skip(`${title}: there is no ${shell} on PATH`);
        continue;
      }
      it(title, () => {
        const { stdout, stderr } = complete(line);

        assert.equal(stderr, "");
        const found = stdout
          .trim()
          .split("\n")
          .map((each) => each.split("\t")[0]?.trim());
        assert.deepEqual(found.sort(), [...words]);
      });
    }
  }

  it("names every verb in all 3 scripts", () => {
    const scripts = ["bash", "zsh", "fish"].map((shell) => readFileSync(file(shell), "utf8"));
    for (const verb of ["serve", "up", "get", "top", "check", "completion", "proxies"])
      for (const script of scripts) assert.match(script, new RegExp(`\\b${verb}\\b`));
  });

  it("refuses a shell it does not know: exit 2", async () => {
    const { code, stderr } = await runQmesh("completion", "tcsh");

    assert.equal(code, 2);
    assert.match(stderr, /bash, zsh, fish/);
  });
});

/** Typed at a terminal, as zsh completes nowhere else; the words that it would offer are caught from its own builtin. */
function zshAt(script: string, line: string): string {
  return `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT=""; unsetopt zle; autoload -U compinit; compinit -u -D; source ${script}; setopt zle'
zpty -w shell 'compadd() { builtin compadd -O offered "$@"; print -l -- $offered >> ${script}.offered; builtin compadd "$@" }; print REA""DY'
zpty -r shell seen '*READY*'
rm -f ${script}.offered
zpty -w -n shell $'${line}\\t'
zpty -w -n shell $'\\x15print DO""NE\\n'
zpty -r shell seen '*DONE*'
sort -u ${script}.offered
`;
}
