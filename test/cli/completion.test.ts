import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { temporaryFolder } from "../../bench/temporary-folder.ts";
import { PLACES } from "../../src/cli/completion/values.ts";
import { placesOf, verbsOf } from "../../src/cli/completion/words.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { type ExampleServer, exampleServer } from "../support/operators/example-server.ts";
import { projectRoot } from "../support/project-root.ts";
import { runQmesh } from "../support/run-cli.ts";

/** What stands before the cursor, and what each shell makes of it; of fish also the words of other options. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ["qmesh ge", ["get"]],
  ["qmesh rollout pro", ["promote"]],
  ["qmesh envoy p", ["path"]],
  ["qmesh get nodes --lim", ["--limit"]],
  ["qmesh get --se", ["--search", "--server"]],
  ["qmesh get -o ", ["json", "table", "wide", "yaml"]],
  ["qmesh decisions --kind=f", ["freeze"]],
  ["qmesh config edge-1 cl", ["clusters"]],
  ["qmesh get --server http://127.0.0.1:1 ov", ["overrides"]],
];

/** And what they make of names that a running control plane is asked for. */
const NAMES: readonly (readonly [string, readonly string[]])[] = [
  ["qmesh explain t9k", ["t9k0-77a2c9", "t9k2-4be1d0", "t9k3-51d7ce"]],
  ["qmesh get service c", ["cart", "catalog", "checkout"]],
  ["qmesh rollout promote ", ["checkout", "search"]],
];

describe("qmesh completion", () => {
  const folder = temporaryFolder();
  const file = (shell: string) => join(folder, `qmesh.${shell}`);
  let server: ExampleServer;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    for (const shell of ["bash", "zsh", "fish"])
      writeFileSync(file(shell), (await runQmesh("completion", shell)).stdout);
    server = await exampleServer();
    const command = join(folder, "qmesh");
    const main = join(projectRoot, "dist/src/main.js");
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
    chmodSync(command, 0o755);
    const PATH = [folder, process.env.PATH].join(delimiter);
    env = { ...process.env, PATH, QMESH_SERVER: server.url };
  });
  after(async () => {
    await server.stop();
  });

  /** Not `spawnSync`: the server that is asked is in this process. */
  const shells = {
    bash: (line: string) => {
      const run = `source ${file("bash")}; COMP_LINE="$1"; COMP_POINT=\${#COMP_LINE}; _qmesh; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return ran("bash", ["-c", run, "bash", line], env);
    },
    zsh: (line: string) => ran("zsh", ["-f", "-c", zshAt(file("zsh"), line)], env),
    fish: (line: string) =>
      ran("fish", ["--no-config", "-c", `source ${file("fish")}; complete -C "${line}"`], env),
  };

  for (const [shell, complete] of Object.entries(shells)) {
    const isThere = spawnSync(shell, ["-c", "exit 0"]).status === 0;
    for (const [line, words] of [...LINES, ...NAMES]) {
      const title = `completes "${line}" in ${shell} to ${words.join(", ")}`;
      if (!isThere) {
        it.skip(`${title}: there is no ${shell} on PATH`);
        continue;
      }
      it(title, async () => {
        const { stdout, stderr } = await complete(line);

        assert.equal(stderr, "");
        const found = stdout
          .trim()
          .split("\n")
          // Fish says the option again.
          .map((each) =>
            each
              .split("\t")[0]
              ?.trim()
              .replace(/^--\w+=/, ""),
          );
        assert.deepEqual(found.sort(), [...words]);
      });
    }
  }

  it("offers names of the control plane that the line itself names, each with what it is", async () => {
    const { stdout } = await ran(
      join(folder, "qmesh"),
      ["__names", "rollouts", "rollout", "get", "--server", server.url],
      { ...env, QMESH_SERVER: "127.0.0.1:1" },
    );

    assert.equal(stdout, "checkout\trolled back\nsearch\twaiting\n");
  });

  it("offers no name, and says nothing, where no control plane answers", async () => {
    const away = { ...env, QMESH_SERVER: "127.0.0.1:1" };
    const ended = await ran(join(folder, "qmesh"), ["__names", "services"], away);

    assert.deepEqual(ended, { stdout: "", stderr: "" });
  });

  it("leaves a name off the line that a shell would read as more than a name", async () => {
    const hostile = ["$(reboot)", "a b", "`id`", "fine-1"].map((name) => ({ name }));
    const fake = createServer((_, response) => response.end(JSON.stringify({ items: hostile })));
    await new Promise<void>((resolve) => fake.listen(0, "127.0.0.1", resolve));
    const { port } = fake.address() as AddressInfo;

    const there = { ...env, QMESH_SERVER: `127.0.0.1:${port}` };
    const { stdout } = await ran(join(folder, "qmesh"), ["__names", "services"], there);

    fake.close();
    assert.equal(stdout, "fine-1\t\n");
  });

  it("has values for places that there are, and no other", () => {
    const all = verbsOf(buildProgram(() => undefined)).flatMap(placesOf);
    const places = new Set(all.map(([place]) => place));

    assert.deepEqual(
      PLACES.filter((place) => !places.has(place)),
      [],
    );
  });

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

function ran(
  command: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    execFile(command, words, { env, timeout: 20_000 }, (error, stdout, stderr) =>
      error === null ? resolve({ stdout, stderr }) : reject(error),
    );
  });
}

/**
 * Typed at a terminal, as zsh completes nowhere else; the words that it would offer are caught from its own builtin. The terminal
 * itself must not act on the key that clears the line: where zsh is slow to listen it would take what was typed before.
 */
function zshAt(script: string, line: string): string {
  return `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT=""; stty kill undef; unsetopt zle; autoload -U compinit; compinit -u -D; source ${script}; setopt zle'
zpty -w shell 'compadd() { builtin compadd -O offered "$@"; print -l -- $offered >> ${script}.offered; builtin compadd "$@" }; print REA""DY'
zpty -r shell seen '*READY*'
rm -f ${script}.offered
zpty -w -n shell $'${line}\\t'
zpty -w -n shell $'\\x15print DO""NE\\n'
zpty -r shell seen '*DONE*'
sort -u ${script}.offered
`;
}
