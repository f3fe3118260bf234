import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { Locality } from "../../policy/intent/endpoint.ts";
import { intentSchema } from "../../policy/schema.ts";
import { DEFAULTS, parseAddress, parsePort } from "../address.ts";
import { analyze } from "../analyze.ts";
import { printBootstrap } from "../bootstrap-command.ts";
import { EXIT } from "../exit-code.ts";
import { importFile, TOOLS } from "../import/import.ts";
import { printStructured, STRUCTURED_FORMATS } from "../output.ts";
import { replayAny } from "../replay.ts";
import { translate } from "../translate.ts";
import { type Done, withFormat } from "./verb-options.ts";

/** The words of the verbs that need files only. */
export function addOffline(program: Command, done: Done): void {
  withFormat(
    program
      .command("analyze")
      .description("check intent offline: every problem with file, line and path"),
  )
    .requiredOption("-f, --file <dir>", "folder of intent YAML")
    .addOption(
      new Option("--fail-on <severity>", "exit 1 from here on")
        .choices(["error", "warning"])
        .default("error"),
    )
    .action(async ({ file, ...options }) => done(await analyze(file, options)));
  program
    .command("translate")
    .description("intent to Envoy resources, offline")
    .requiredOption("-f, --file <dir>", "folder of intent YAML")
    .option("--node <role>", "gateway/NAME or sidecar/SERVICE; may be absent for the only Gateway")
    .option("--locality <region/zone>", "where the Envoy is, such as eu/a", parseLocality)
    .addOption(new Option("-o, --output <format>", "").choices(STRUCTURED_FORMATS).default("yaml"))
    .action(async (options) => done(await translate(options)));
  withFormat(
    program
      .command("replay")
      .description("what was captured again, offline, and what another intent would change"),
  )
    .argument("[files...]", "decisions, as serve --capture writes them: docs/replay.md")
    .option("--trace <file>", "instead: requests, JSON lines, one a line")
    .option("-f, --file <dir>", "with --trace: folder of intent YAML: A")
    .option("--policy <dir>", "folder of other intent YAML: B")
    .option("--node <role>", "gateway/NAME or sidecar/SERVICE; may be absent for the only Gateway")
    .action(async (files, options) => done(await replayAny(files, options)));
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
    .option(
      "--locality <region/zone>",
      "where this Envoy is, such as eu/a, for failover",
      parseLocality,
    )
    .option("--admin <port>", "admin port on loopback, 0: a free one", parsePort, 0)
    .action((options) => done(printBootstrap(options)));
  program
    .command("import")
    .description("a canary of another tool as a Rollout; what is lost is told field by field")
    .addArgument(new Argument("<tool>").choices(TOOLS))
    .argument("<file>", "YAML")
    .requiredOption("--owner <name>", "who owns the Rollout")
    .action((tool, file, options) => done(importFile(tool, file, options)));
  program
    .command("schema")
    .description("print the JSON Schema of the intent, for editors")
    .action(() => {
      printStructured(intentSchema(), "json");
      done(EXIT.fine);
    });
}

function parseLocality(text: string): Locality {
  const [region = "", zone = "", ...rest] = text.split("/");
  if (region === "" || rest.length > 0)
    throw new InvalidArgumentError("write a region, or region/zone, such as eu/a.");
  return { region, zone };
}
