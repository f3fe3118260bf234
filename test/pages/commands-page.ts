import type { Command } from "commander";
import { EXIT } from "../../src/cli/exit-code.ts";
import { buildProgram } from "../../src/cli/program.ts";

/** `docs/commands.md`: every verb with its options, as the program itself has them. */
export function commandsPage(): string {
  const verbs = leavesOf(
    buildProgram(() => undefined),
    "",
  );
  const rows = verbs.map(({ words, command }) => {
    const isAsking = asks(command) !== "";
    const own = command.options.filter(({ long }) => !(isAsking && COMMON.has(long ?? "")));
    const options = own.map(({ flags }) => `\`${flags}\``).join(" ");
    const text = `${asks(command)}${command.description()}`;
    return `| \`${cell(words)}\` | ${cell(text)} | ${cell(options)} |`;
  });
  return `# Commands
Made of the program itself by \`npm run docs\`. Inside the repository, after a build, \`npx qmesh\` is the command.

Data is on stdout, all else on stderr. Verbs with † ask a control plane and take \`--server URL\` (${DEFAULT}, or \`QMESH_SERVER\`), \`--certs DIR\` (HTTPS with the certificate that \`qmesh certs operator\` made, or \`QMESH_CERTS\`) and \`--token-file FILE\`; orders show this machine's token from \`--data\` (or \`QMESH_DATA\`) otherwise. \`-o json|yaml\` prints one document, of \`-f\` and \`-w\` one after another: a line each in JSON. \`NO_COLOR\`, and anything that is no terminal, gets no escape code. \`eval "$(qmesh completion bash)"\`, or zsh; \`qmesh completion fish | source\`. It asks the control plane that runs (the line's \`--server\`, else \`QMESH_SERVER\`) for names.

| exit | means |
|---|---|
${Object.entries(MEANINGS)
  .map(([name, text]) => `| ${EXIT[name as keyof typeof EXIT]} | ${text} |`)
  .join("\n")}

| verb | what it does | options of its own |
|---|---|---|
${rows.join("\n")}
`;
}

const DEFAULT = "`127.0.0.1:8080`, HTTPS where there is a certificate";
const COMMON = new Set(["--server", "--certs", "--token-file"]);

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  fine: "done, or all is well",
  failed: "it failed, or what was asked for does not hold",
  usage: "the words make no command: nothing was done",
  degraded: "it answers, and something is not well, or would change",
  timedOut: "no answer in time",
  interrupted: "ended by a signal",
};

/** Verbs that do something; one may have others below it. */
function leavesOf(command: Command, before: string): { words: string; command: Command }[] {
  return command.commands.flatMap((each) => {
    const words = `${before}${each.name()}`;
    const named = each.registeredArguments.map((one) =>
      one.required ? `<${one.name()}>` : `[${one.name()}]`,
    );
    const below = leavesOf(each, `${words} `);
    const isVerb = each.options.length > 0 || below.length === 0;
    return [...(isVerb ? [{ words: [words, ...named].join(" "), command: each }] : []), ...below];
  });
}

function asks({ options }: Command): string {
  return options.some(({ long }) => long === "--server") ? "† " : "";
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
