import { type Command, InvalidArgumentError } from "commander";
import {
  DEFAULT_DAYS,
  initCerts,
  issueNode,
  issueOperator,
  listCerts,
  rotateCerts,
} from "../certs.ts";
import { type Done, withFormat } from "./verb-options.ts";

/** The words of `qmesh certs`. */
export function addCerts(program: Command, done: Done): void {
  const certs = program
    .command("certs")
    .description("certificates of the control plane and its Envoys: docs/security.md");
  const verb = (words: string, description: string) =>
    certs
      .command(words)
      .description(description)
      .requiredOption("--certs <dir>", "folder of the authority and all certificates");
  const issuing = (words: string, description: string) =>
    verb(words, description).option("--days <n>", "how long it is valid", parseDays, DEFAULT_DAYS);
  issuing("init", "make an authority, and the control plane's certificate")
    .requiredOption("--trust-domain <name>", "name of this mesh, such as shop.example")
    .action((options) => done(initCerts(options)));
  issuing("node", "give an Envoy its certificate")
    .option("--gateway <name>", "the Gateway this Envoy runs")
    .option("--service <name>", "the Service this Envoy is a sidecar of")
    .requiredOption("--id <id>", "node id, unique in the mesh")
    .action((options) => done(issueNode(options)));
  issuing(
    "operator <name>",
    "give a person or tool a certificate to ask for the client status",
  ).action((name, options) => done(issueOperator(name, options)));
  withFormat(verb("list", "who has a certificate, and until when")).action((options) =>
    done(listCerts(options)),
  );
  issuing("rotate", "renew every certificate in the folder")
    .option("--ca", "make a new authority instead; the next rotate gives certificates of it")
    .action((options) => done(rotateCerts(options)));
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > 825)
    throw new InvalidArgumentError("a number of days from 1 to 825.");
  return days;
}
