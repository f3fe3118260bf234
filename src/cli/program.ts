import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { LOG_LEVELS } from "../log.ts";
import { intentSchema } from "../policy/schema.ts";
import { DEFAULTS, parseAddress, parsePort } from "./address.ts";
import { analyze } from "./analyze.ts";
import { addApply } from "./apply-program.ts";
import { exportAudit, verifyAudit, writePostmortem } from "./audit.ts";
import { addAutomation } from "./automation-program.ts";
import { printBootstrap } from "./bootstrap-command.ts";
import { addCerts } from "./certs-program.ts";
import { check } from "./check.ts";
import { completionScript, SHELLS } from "./completion.ts";
import { envoyPath } from "./envoy-binary.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { get } from "./get.ts";
import { KINDS } from "./get-columns.ts";
import { printStructured, STRUCTURED_FORMATS, say } from "./output.ts";
import { REPLAY_FORMATS, replayTrace } from "./replay.ts";
import { serve } from "./serve.ts";
import { showProxies, showStatus } from "./status.ts";
import { STATUS_FORMATS } from "./status-table.ts";
import { top } from "./top.ts";
import { translate } from "./translate.ts";
import { up } from "./up.ts";

/** Parses the words after `qmesh`, runs the verb, resolves to the exit code. Never throws. */
export async function runCli(words: readonly string[]): Promise<number> {
  let code: number = EXIT.fine;
  const program = buildProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof Failure) {
    say(error.message);
    return error.exitCode;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}

type Done = (exitCode: number) => void;

function buildProgram(done: Done): Command {
  const program = new Command("qmesh")
    .description("Telemetry-first control plane for Envoy, with a filter that sheds load by tier")
    .exitOverride()
    .showSuggestionAfterError();
  addServing(program, done);
  addOffline(program, done);
  addAudit(program, done);
  addCerts(program, done);
  addAsking(program, done);
  addApply(program, done);
  addAutomation(program, done);
  addLooking(program, done);
  const envoy = program.command("envoy").description("the Envoy this program runs");
  envoy
    .command("path")
    .description("print the path of a tested Envoy: from PATH, else fetched into the cache")
    .action(async () => {
      const path = await envoyPath().catch((error: Error) => {
        throw new Failure(error.message);
      });
      process.stdout.write(`${path}\n`);
    });
  return program;
}

function addServing(program: Command, done: Done): void {
  const serving = program
    .command("serve")
    .description("control plane alone")
    .requiredOption("--config <dir>", "folder of intent YAML, watched")
    .option("--data <dir>", "where state is kept", DEFAULTS.data)
    .option("--access <file>", "who else may use the API: docs/api.md")
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
    .addOption(
      new Option("--log-level <level>", "JSON lines on stderr").choices(LOG_LEVELS).default("info"),
    )
    .addOption(
      new Option("-o, --output <format>", "json: the ports taken, one line on stdout").choices([
        "json",
      ]),
    )
    .action(async (options) => done(await serve(options)));
  withCanaries(serving);
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
    .option("--duration <time>", "demo only: run the load for this long, then end", parseSeconds)
    .option("--concurrency <n>", "Envoy workers", parseCount, 2)
    .addOption(new Option("--log-level <level>", "JSON lines on stderr").choices(LOG_LEVELS))
    .addOption(
      new Option("-o, --output <format>", "demo only: closing table")
        .choices(["table", "json"])
        .default("table"),
    )
    .action(async (options) => done(await up(options)));
  withCanaries(upping);
}

/** `10%` */
function parseShare(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]);
  if (!(percent > 0 && percent < 100))
    throw new InvalidArgumentError("a share above 0% and below 100%, such as 10%.");
  return percent / 100;
}

/** Of whoever serves intent. */
function withCanaries(command: Command): Command {
  return command
    .option(
      "--canary-push <share>",
      "give a change of intent to this share of a role's Envoys first, such as 10%",
      parseShare,
    )
    .option(
      "--canary-hold <time>",
      "with --canary-push: how long they hold it before the others get it (10s)",
      (text) => parseSeconds(text) * 1000,
    );
}

function addOffline(program: Command, done: Done): void {
  program
    .command("analyze")
    .description("check intent offline: every problem with file, line and path")
    .requiredOption("-f, --file <dir>", "folder of intent YAML")
    .addOption(
      new Option("--fail-on <severity>", "exit 1 from here on")
        .choices(["error", "warning"])
        .default("error"),
    )
    .action(async ({ file, failOn }) => done(await analyze(file, { failOn })));
  program
    .command("translate")
    .description("intent to Envoy resources, offline")
    .requiredOption("-f, --file <dir>", "folder of intent YAML")
    .option("--node <role>", "gateway/NAME or sidecar/SERVICE; may be absent for the only Gateway")
    .addOption(new Option("-o, --output <format>", "").choices(STRUCTURED_FORMATS).default("yaml"))
    .action(async (options) => done(await translate(options)));
  program
    .command("replay")
    .description("a captured trace under the intent, and what another intent would change, offline")
    .requiredOption("--trace <file>", "JSON lines, one request a line: docs/replay.md")
    .requiredOption("-f, --file <dir>", "folder of intent YAML: A")
    .option("--policy <dir>", "folder of other intent YAML: B")
    .option("--node <role>", "gateway/NAME or sidecar/SERVICE; may be absent for the only Gateway")
    .addOption(new Option("-o, --output <format>", "").choices(REPLAY_FORMATS).default("table"))
    .action(async (options) => done(await replayTrace(options)));
  program
    .command("bootstrap")
    .description("print a complete Envoy bootstrap")
    .option("--gateway <name>", "the Gateway this Envoy runs")
    .option("--service <name>", "the Service this Envoy is a sidecar of")
    .requiredOption("--id <id>", "node id, unique in the mesh")
    .option("--xds <host:port>", "the control plane", parseAddress, parseAddress(DEFAULTS.xds))
    .option(
      "--rate-limit <host:port>",
      "its rate-limit service",
      parseAddress,
      parseAddress(DEFAULTS.rateLimit),
    )
    .option(
      "--certs <dir>",
      "TLS to the control plane: the folder of qmesh certs, or the node's own",
    )
    .option("--admin <port>", "admin port on loopback, 0: a free one", parsePort, 0)
    .action((options) => done(printBootstrap(options)));
  program
    .command("schema")
    .description("print the JSON Schema of the intent, for editors")
    .action(() => {
      printStructured(intentSchema(), "json");
      done(EXIT.fine);
    });
}

function addAudit(program: Command, done: Done): void {
  const audit = program.command("audit").description("the log of what automation and people did");
  const reading = (name: string, description: string, under = audit) =>
    under
      .command(name)
      .description(description)
      .option("--data <dir>", "the control plane's state", DEFAULTS.data);
  reading("verify", "check that nothing in the log was changed, taken away or added: docs/audit.md")
    .option("--key <file>", "public key kept elsewhere, instead of the one beside the log")
    .action(async (options) => done(await verifyAudit(options)));
  reading("export", "print the log, one JSON entry a line").action(async (options) =>
    done(await exportAudit(options)),
  );
  reading("postmortem", "print what the log tells of an incident, as markdown", program)
    .argument("<id>", "a decision, an action or another record of it")
    .action(async (id, options) => done(await writePostmortem(id, options)));
}

function addAsking(program: Command, done: Done): void {
  const asking = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option("--server <url>", "the control plane's HTTP address", `http://${DEFAULTS.http}`)
      .addOption(new Option("-o, --output <format>", "").choices(STATUS_FORMATS).default("table"));
  asking("status", "intent in force, nodes, limits, decisions").action(async (options) =>
    done(await showStatus(options)),
  );
  asking("proxies", "one row per Envoy, one column per resource type").action(async (options) =>
    done(await showProxies(options)),
  );
}

function addLooking(program: Command, done: Done): void {
  const server = () =>
    new Option("--server <url>", "the control plane's HTTP address").default(
      `http://${DEFAULTS.http}`,
    );
  const format = () => new Option("-o, --output <format>", "").choices(STATUS_FORMATS);
  program
    .command("get")
    .description(`what the control plane says of one kind: ${Object.keys(KINDS).join(", ")}`)
    .argument("<kind>")
    .argument("[name]", "one of them, whole")
    .addOption(server())
    .option("--search <text>", "only names that hold it")
    .option("--limit <n>", "at most so many", parseLimit, 100)
    .addOption(format().default("table"))
    .action(async (kind, name, options) => done(await get(kind, name, options)));
  program
    .command("top")
    .description("what sheds most and what fails most, the worst first")
    .addOption(server())
    .option("-w, --watch", "again every second")
    .option("-n, --count <n>", "rows of each table", parseCount, 10)
    .addOption(format().default("table"))
    .action(async (options) => done(await top(options)));
  program
    .command("check")
    .description("is all well; what is not comes with what to do")
    .option("--pre", "of this machine, before a control plane is started")
    .addOption(server())
    .option("--data <dir>", "where state is kept", DEFAULTS.data)
    .addOption(
      new Option("-o, --output <format>", "").choices(["table", "json", "yaml"]).default("table"),
    )
    .action(async (options) => done(await check(options)));
  program
    .command("completion")
    .description('print a completion script: eval "$(qmesh completion bash)"')
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .action((shell) => {
      process.stdout.write(completionScript(program, shell));
      done(EXIT.fine);
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1000)
    throw new InvalidArgumentError("a number from 1 to 1000.");
  return limit;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 128)
    throw new InvalidArgumentError("a number from 1 to 128.");
  return count;
}

/** `60s`, `2m`, `90` (seconds). */
function parseSeconds(text: string): number {
  const match = /^(\d+)(s|m)?$/.exec(text);
  const seconds = match === null ? 0 : Number(match[1]) * (match[2] === "m" ? 60 : 1);
  if (seconds < 1) throw new InvalidArgumentError("write a time such as 60s or 2m.");
  return seconds;
}
