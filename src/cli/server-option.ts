import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { SecuredServer } from "../api/client.ts";
import type { ClientTls } from "../api/exchange.ts";
import { readHolding } from "../identity/holder-folder.ts";
import { Failure } from "./exit-code.ts";
import { waitingFor } from "./progress.ts";

/** `--server`, `--certs` and `--token-file` of a verb, made one. */
interface ServerFlags {
  readonly server?: string;
  readonly certs?: string;
  readonly tokenFile?: string;
}

/** Before a verb that asks a control plane runs: its `server` becomes what reaches and opens it. */
export function openServer(action: Command): void {
  const asking = chainOf(action).filter(({ options }) => options.some(isServer));
  if (asking.length === 0) return;
  const server = toServer(action.optsWithGlobals());
  for (const command of asking) command.setOptionValue("server", server);
}

function isServer({ long }: { readonly long?: string | null }): boolean {
  return long === "--server";
}

/** A verb and those it stands under, whose options are looked at too. */
function chainOf(command: Command | null): Command[] {
  return command === null ? [] : [command, ...chainOf(command.parent)];
}

function toServer({ server: url = "", certs, tokenFile }: ServerFlags): SecuredServer {
  return {
    url,
    ...(certs !== undefined && { tls: readTls(certs) }),
    ...(tokenFile !== undefined && { token: readToken(tokenFile) }),
    onWait: (host) => waitingFor(`waiting for ${host}`),
  };
}

function readTls(folder: string): ClientTls {
  try {
    return readHolding(folder);
  } catch (error) {
    const { code, path = folder } = error as NodeJS.ErrnoException;
    throw new Failure(
      `${path}: cannot be read (${code}): --certs names the folder that qmesh certs operator made.`,
    );
  }
}

export function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `${file}: cannot be read (${code}): name the data folder of the control plane with --data, a token with --token-file, or a certificate with --certs.`,
    );
  }
}
