import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULTS } from "./address.ts";
import {
  explainDecision,
  order,
  showActions,
  showDecisions,
  showObjectives,
  showRollouts,
} from "./automation-verbs.ts";

/** The words of the verbs of automation. */
type Done = (exitCode: number) => void;

export function addAutomation(program: Command, done: Done): void {
  const asking = (command: Command) =>
    withServer(command).addOption(
      new Option("-o, --output <format>", "").choices(["table", "json", "yaml"]).default("table"),
    );
  asking(
    program.command("decisions").description("what automation and people decided, newest last"),
  )
    .option("-f, --follow", "and what comes")
    .option("--subject <name>", "only of this Policy, Rollout ...")
    .action(async (options) => done(await showDecisions(options)));
  asking(program.command("explain <id>").description("why: at most 25 lines")).action(
    async (id, options) => done(await explainDecision(id, options)),
  );
  asking(program.command("slo").description("objectives, budgets and burn")).action(
    async (options) => done(await showObjectives(options)),
  );
  asking(program.command("actions").description("what is laid over the intent now")).action(
    async (options) => done(await showActions(options)),
  );
  const rollout = program.command("rollout").description("progressive delivery");
  asking(rollout.command("get [name]").description("where it stands, on what evidence"))
    .option("-w, --watch", "until it is over")
    .action(async (name, options) => done(await showRollouts(name, options)));
  for (const [verb, text] of ROLLOUT_ORDERS) {
    ordering(rollout.command(`${verb} <name>`).description(text)).action(async (name, options) =>
      done(await order(`/v1/rollouts/${encodeURIComponent(name)}/${verb}`, options)),
    );
  }
  for (const [verb, text] of [
    ["approve", "allow what waits for people"],
    ["reject", "refuse what waits for people"],
  ] as const) {
    ordering(program.command(`${verb} <decision>`).description(text)).action(async (id, options) =>
      done(await order(`/v1/approvals/${encodeURIComponent(id)}/${verb}`, options)),
    );
  }
  for (const [verb, text] of [
    ["freeze", "stop all automation; what is in force stays"],
    ["unfreeze", "let automation act again"],
  ] as const) {
    ordering(program.command(verb).description(text), true).action(async (options) =>
      done(await order(`/v1/${verb}`, options)),
    );
  }
  ordering(
    program
      .command("override <knob=value>")
      .description("hold a knob for a while: rateLimit.NAME.factor=0.5, policy.NAME.mode=shadow"),
    true,
  )
    .requiredOption("--ttl <time>", "for how long, at most 24h", parseTtl)
    .action(async (text: string, { ttl, ...options }) => {
      const [knob = "", value = ""] = text.split("=");
      const body = { knob, value: Number.isNaN(Number(value)) ? value : Number(value) };
      done(await order("/v1/overrides", options, { ...body, ttlSeconds: ttl }));
    });
}

const ROLLOUT_ORDERS = [
  ["promote", "go on to the next step"],
  ["abort", "back to the stable version"],
  ["pause", "hold it where it is"],
  ["resume", "let it go on"],
  ["retry", "begin anew"],
] as const;

function withServer(command: Command): Command {
  return command.option(
    "--server <url>",
    "the control plane's HTTP address",
    `http://${DEFAULTS.http}`,
  );
}

export function ordering(command: Command, needsReason = false): Command {
  const asked = withServer(command)
    .option("--data <dir>", "the control plane's state, for this machine's token", DEFAULTS.data)
    .option("--token-file <file>", "another token");
  const text = "why; it is written down";
  return needsReason
    ? asked.requiredOption("--reason <text>", text)
    : asked.option("--reason <text>", text);
}

/** `90s`, `30m`, `2h`. */
function parseTtl(text: string): number {
  const [, digits, unit = "s"] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(digits) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
  if (!(seconds >= 1 && seconds <= 86_400))
    throw new InvalidArgumentError("from 1s to 24h, such as 30m.");
  return seconds;
}
