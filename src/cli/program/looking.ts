import { type Command, InvalidArgumentError } from "commander";
import { check } from "../check.ts";
import { get } from "../get.ts";
import { KINDS } from "../get-columns.ts";
import { showProxies, showStatus } from "../status.ts";
import { STATUS_FORMATS } from "../status-table.ts";
import { top } from "../top.ts";
import { asking, type Done, parseCount, watchable, withData } from "./verb-options.ts";

/** The words of the verbs that show the mesh as it is. */
export function addLooking(program: Command, done: Done): void {
  watchable(
    asking(
      program.command("status").description("intent in force, nodes, limits, decisions"),
      STATUS_FORMATS,
    ),
  ).action(async (options) => done(await showStatus(options)));
  watchable(
    asking(
      program.command("proxies").description("one row per Envoy, one column per resource type"),
      STATUS_FORMATS,
    ),
  ).action(async (options) => done(await showProxies(options)));
  asking(
    program
      .command("get")
      .description(`what the control plane says of one kind: ${Object.keys(KINDS).join(", ")}`)
      .argument("<kind>")
      .argument("[name]", "one of them, whole"),
    STATUS_FORMATS,
  )
    .option("--search <text>", "only names that hold it")
    .option("--limit <n>", "at most so many", parseLimit, 100)
    .action(async (kind, name, options) => done(await get(kind, name, options)));
  watchable(
    asking(
      program.command("top").description("what sheds most and what fails most, the worst first"),
    ),
  )
    .option("-n, --count <n>", "rows of each table", parseCount, 10)
    .action(async (options) => done(await top(options)));
  const checking = program
    .command("check")
    .description("is all well; what is not comes with what to do");
  withData(asking(checking), "where state is kept")
    .option("--pre", "of this machine, before a control plane is started")
    .action(async (options) => done(await check(options)));
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 1000)
    throw new InvalidArgumentError("a number from 1 to 1000.");
  return limit;
}
