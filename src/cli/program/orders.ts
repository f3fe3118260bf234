import { type Command, InvalidArgumentError } from "commander";
import { order } from "../automation-verbs.ts";
import { type Done, ordering } from "./verb-options.ts";

/** The words of the verbs by which people steer automation. */
export function addOrders(program: Command, done: Done): void {
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
      .command("override")
      .description(
        "hold a knob for a while: rateLimit.NAME.factor=0.5, policy.NAME.mode=shadow, canary.weight@SERVICE=5",
      )
      .argument("<knob=value>", "", parseSetting),
    true,
  )
    .requiredOption("--ttl <time>", "for how long, at most 24h", parseTtl)
    .option(
      "--break-glass",
      "go before all but absolute Guardrails, once a second person approved it",
    )
    .action(async (setting: Setting, { ttl, breakGlass, ...options }) => {
      done(
        await order("/v1/overrides", options, {
          ...setting,
          ttlSeconds: ttl,
          ...(breakGlass === true && { breakGlass }),
        }),
      );
    });
}

interface Setting {
  readonly knob: string;
  readonly value: number | string;
}

/** `rateLimit.api.factor=0.5`. A value that was forgotten is none, not 0. */
function parseSetting(text: string): Setting {
  const [, knob, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (knob === undefined || value === undefined)
    throw new InvalidArgumentError("write KNOB=VALUE, such as rateLimit.api.factor=0.5.");
  return { knob, value: Number.isNaN(Number(value)) ? value : Number(value) };
}

/** `90s`, `30m`, `2h`. */
function parseTtl(text: string): number {
  const [, digits, unit = "s"] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(digits) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
  if (!(seconds >= 1 && seconds <= 86_400))
    throw new InvalidArgumentError("from 1s to 24h, such as 30m.");
  return seconds;
}
