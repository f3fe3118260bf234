import { type Command, InvalidArgumentError, Option } from "commander";
import { LOG_LEVELS } from "../../log.ts";
import { DEFAULTS, parseAddress } from "../address.ts";
import { serve } from "../serve.ts";
import { up } from "../up.ts";
import { type Done, parseCount, parseSeconds } from "./verb-options.ts";

const OUTBOUND =
  "where alerts may be sent: a name, *.name, address or range, each with :PORT or any (nowhere)";
const OTLP = "OTLP collector for the spans of the loop";
const PUBLIC_URL = "how people reach the dashboard, for links in alerts (the address of --http)";

/** The words of the verbs that run a control plane. */
export function addServing(program: Command, done: Done): void {
  const serving = program
    .command("serve")
    .description("control plane alone")
    .requiredOption("--config <dir>", "folder of intent YAML, watched")
    .option("--data <dir>", "where state is kept", DEFAULTS.data)
    .option("--access <file>", "who else may use the API: docs/api.md")
    .option("--capture <file>", "write all that decisions rest on, for qmesh replay")
    .option("--xds <host:port>", "where Envoys connect", parseAddress, parseAddress(DEFAULTS.xds))
    .option(
      "--rate-limit <host:port>",
      "where Envoys ask for global rate limits",
      parseAddress,
      parseAddress(DEFAULTS.rateLimit),
    )
    .option(
      "--http <host:port>",
      "where /status and /metrics are",
      parseAddress,
      parseAddress(DEFAULTS.http),
    )
    .option("--certs <dir>", "TLS for Envoys, by the folder that qmesh certs keeps")
    .option("--insecure-plaintext", "let Envoys in without certificates beyond loopback")
    .option("--outbound <place...>", OUTBOUND)
    .option("--public-url <url>", PUBLIC_URL)
    .option("--otlp <url>", OTLP, parseCollector)
    .addOption(
      new Option("--log-level <level>", "JSON lines on stderr").choices(LOG_LEVELS).default("info"),
    )
    .addOption(
      new Option("-o, --output <format>", "json: the ports taken, one line on stdout").choices([
        "json",
      ]),
    )
    .action(async (options) => done(await serve(options)));
  const upping = program
    .command("up")
    .description("control plane with Envoy; without --config the demo")
    .option("--config <dir>", "folder of intent YAML, watched")
    .option("--data <dir>", "where state and logs go", DEFAULTS.data)
    .option("--access <file>", "with --config: who else may use the API: docs/api.md")
    .option(
      "--xds <host:port>",
      `where Envoys connect (${DEFAULTS.xds}; demo: a free port)`,
      parseAddress,
    )
    .option(
      "--rate-limit <host:port>",
      `where Envoys ask for global rate limits (${DEFAULTS.rateLimit}; demo: a free port)`,
      parseAddress,
    )
    .option(
      "--http <host:port>",
      `where /status and /metrics are (${DEFAULTS.http}; demo: a free port)`,
      parseAddress,
    )
    .option("--certs <dir>", "with --config: TLS for Envoys, by the folder that qmesh certs keeps")
    .option("--insecure-plaintext", "let Envoys in without certificates beyond loopback")
    .option("--outbound <place...>", `with --config: ${OUTBOUND}`)
    .option("--public-url <url>", `with --config: ${PUBLIC_URL}`)
    .option("--otlp <url>", `with --config: ${OTLP}`, parseCollector)
    .option("--duration <time>", "demo only: run the load for this long, then end", parseSeconds)
    .option("--concurrency <n>", "Envoy workers", parseCount, 2)
    .addOption(new Option("--log-level <level>", "JSON lines on stderr").choices(LOG_LEVELS))
    .addOption(
      new Option("-o, --output <format>", "demo only: closing table")
        .choices(["table", "json"])
        .default("table"),
    )
    .action(async (options) => done(await up(options)));
  for (const command of [serving, upping]) withCanaries(command);
}

function withCanaries(command: Command): void {
  command
    .option(
      "--canary-push <share>",
      "give a change of intent to this share of a role's Envoys first, such as 10%",
      parseShare,
    )
    .option(
      "--canary-hold <time>",
      "with --canary-push: how long they hold it before the others get it (10s)",
      parseHold,
    );
}

/** What Envoys report looks 5 s back: with less time nothing of it would be of the change alone. */
const LEAST_HOLD_SECONDS = 7;

/** Milliseconds. */
function parseHold(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds < LEAST_HOLD_SECONDS)
    throw new InvalidArgumentError(`at least ${LEAST_HOLD_SECONDS}s: Envoys report 5 s at a time.`);
  return seconds * 1000;
}

/** `10%` */
function parseShare(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]);
  if (!(percent > 0 && percent < 100))
    throw new InvalidArgumentError("a share above 0% and below 100%, such as 10%.");
  return percent / 100;
}

function parseCollector(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError("write a URL such as http://127.0.0.1:4318.");
  return text;
}
