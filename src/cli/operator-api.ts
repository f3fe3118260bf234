import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Assets, loadAssets } from "../api/assets.ts";
import { NO_ACCESS, readAccessFile } from "../api/auth/access-file.ts";
import type { Credentials } from "../api/auth/authenticate.ts";
import { type LocalToken, localToken } from "../api/auth/local-token.ts";
import { type Address, DEFAULTS, parseAddress } from "./address.ts";
import { Failure } from "./exit-code.ts";

/** What the API needs of this machine: its token, who else may come in, and the dashboard's files. */
export interface OperatorApi {
  readonly credentials: Credentials;
  readonly assets: Assets;
  /** Lines that tell a person where to look; a new token is in them, this once. */
  greeting(http: Address): readonly string[];
}

const dashboardFolder = fileURLToPath(new URL("../../../build/dashboard", import.meta.url));

/** Throws a Failure if the token or the access file cannot be used. */
export function openOperatorApi(options: {
  readonly data: string;
  readonly access?: string;
}): OperatorApi {
  const token = orFail(() => localToken(options.data));
  const { access } = options;
  const allowed = access === undefined ? NO_ACCESS : orFail(() => readAccessFile(access));
  return {
    credentials: { localToken: token.text, access: allowed },
    assets: loadAssets(dashboardFolder),
    greeting: (http) => [...greeting(http, token), ...howToAsk(http, options.data)],
  };
}

export function urlOf({ host, port }: Address): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function greeting(address: Address, { text, file, isNew }: LocalToken): readonly string[] {
  const page = `${urlOf(address)}/ui/`;
  if (!isNew) return [`dashboard on ${page}; this machine's token is in ${file}`];
  return [
    `dashboard on ${page}#token=${text}`,
    `That is this machine's token, shown once; it stays in ${file}, for you alone to read.`,
  ];
}

/** To be pasted into another terminal, where the defaults would not find this control plane. */
function howToAsk(address: Address, data: string): readonly string[] {
  const { host, port } = parseAddress(DEFAULTS.http);
  const isUsual = address.port === port && ["0.0.0.0", "::", host].includes(address.host);
  const words = [
    ...(isUsual ? [] : [`QMESH_SERVER=${urlOf(address)}`]),
    ...(resolve(data) === resolve(DEFAULTS.data) ? [] : [`QMESH_DATA=${resolve(data)}`]),
  ];
  return words.length === 0 ? [] : [`to ask it from elsewhere: export ${words.join(" ")}`];
}

function orFail<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Failure((error as Error).message);
  }
}
