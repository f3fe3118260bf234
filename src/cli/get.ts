import { fetchAnswer, type Server } from "../api/client.ts";
import { READS } from "../api/v1/routes.ts";
import { didYouMean } from "../policy/nearest.ts";
import { EXIT, Failure } from "./exit-code.ts";
import { cellOf, KINDS } from "./get-columns.ts";
import { printStructured } from "./output.ts";
import type { StatusFormat } from "./status-table.ts";
import { textTable } from "./text-table.ts";
import { unwrap } from "./unwrap.ts";

/** `qmesh get KIND [NAME]`: what the API says of one kind, or all of one thing. */
export interface GetOptions {
  readonly server: Server;
  readonly output: StatusFormat;
  readonly limit: number;
  readonly search?: string;
}

type Row = Readonly<Record<string, unknown>>;

export async function get(
  word: string,
  name: string | undefined,
  options: GetOptions,
): Promise<number> {
  const kinds = Object.keys(KINDS);
  const kind = [word, `${word}s`].find((each) => each in KINDS);
  if (kind === undefined) {
    const guess = didYouMean(word, kinds) || `: one of ${kinds.join(", ")}.`;
    throw new Failure(`there is no kind ${word}${guess}`, EXIT.usage);
  }
  return name === undefined ? getList(kind, options) : getOne(kind, name, options);
}

async function getList(kind: string, options: GetOptions): Promise<number> {
  const { server, output, limit, search } = options;
  const endpoint = endpointOf(`/v1/${kind}`);
  const query = new URLSearchParams({ limit: String(limit) });
  if (search !== undefined && "search" in endpoint.query.shape) query.set("search", search);
  const page = unwrap(await fetchAnswer({ server }, `/v1/${kind}?${query}`, endpoint.answer));
  const { items } = page as { readonly items: readonly Row[] };
  if (output === "json" || output === "yaml") printStructured(page, output);
  else process.stdout.write(renderRows(kind, items, output === "wide"));
  return EXIT.fine;
}

/** Pure: for tests and `top`. */
export function renderRows(kind: string, items: readonly Row[], isWide: boolean): string {
  if (items.length === 0) return `There are no ${kind}.\n`;
  const columns = (KINDS[kind] ?? []).filter((column) => isWide || column.isWide !== true);
  const head = columns.map((column) => column.head);
  return textTable([head, ...items.map((item) => columns.map(({ path }) => cellOf(item, path)))]);
}

async function getOne(kind: string, name: string, { server, output }: GetOptions): Promise<number> {
  const endpoint = READS.find(({ path }) => new RegExp(`^/v1/${kind}/\\{\\w+\\}$`).test(path));
  if (endpoint === undefined)
    throw new Failure(`of ${kind} there is the list only: leave ${name} out.`, EXIT.usage);
  const path = `/v1/${kind}/${encodeURIComponent(name)}`;
  const one = unwrap(await fetchAnswer({ server }, path, endpoint.answer));
  printStructured(one, output === "json" ? "json" : "yaml");
  return EXIT.fine;
}

function endpointOf(path: string) {
  const endpoint = READS.find((each) => each.path === path);
  if (endpoint === undefined) throw new Error(`invariant: ${path} is an address of the API`);
  return endpoint;
}
