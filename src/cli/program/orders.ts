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
      .command("override <knob=value>")
      .description("hold a knob for a while: rateLimit.NAME.factor=0.5, policy.NAME.mode=shadow"),
    true,
  )
    .requiredOption("--ttl <time>", "for how long, at most 24h", parseTtl)
    .option(
      "--break-glass",
      "go before all but absolute Guardrails, once a second person approved it",
    )
    .action(async (text: string, { ttl, breakGlass, ...options }) => {
      const [knob = "", value = ""] = text.split("=");
      const body = { knob, value: Number.isNaN(Number(value)) ? value : Number(value) };
      done(
        await order("/v1/overrides", options, {
          ...body,
          ttlSeconds: ttl,
          ...(breakGlass === true && { breakGlass }),
        }),
      );
    });
}

/** `90s`, `30m`, `2h`. */
function parseTtl(text: string): number {
  const [, digits, unit = "s"] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(digits) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
  if (!(seconds >= 1 && seconds <= 86_400))
    throw new InvalidArgumentError("from 1s to 24h, such as 30m.");
  return seconds;
}
