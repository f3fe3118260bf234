/**
 * Where to listen and where endpoints are: IP addresses only. A name would have to be resolved while the proxy runs; that is the `dns`
 * form of a version, which is not supported yet.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { notYet, text } from "./fields.ts";
import { show } from "./show.ts";

export const ipAddress = text((value) =>
  isIP(value) === 0 || value.includes("%")
    ? `QM0020 ${show(value)} is not an IP address`
    : undefined,
);

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9001` or `[::1]:9001`, or what is wrong with it as `CODE sentence`. */
export function parseEndpoint(address: string): HostPort | string {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  if (match === null)
    return `QM0020 ${show(address)} is not an IP address with a port such as 127.0.0.1:9001`;
  const host = match[1] ?? match[2] ?? "";
  const port = Number(match[3]);
  if (isIP(host) !== (match[1] === undefined ? 4 : 6)) return hostFault(host, address);
  if (port > 65535) return `QM0005 port ${port} is above 65535`;
  return port < 1 ? "QM0005 port 0 is below 1" : { host, port };
}

function hostFault(host: string, address: string): string {
  const isName = /^[A-Za-z0-9.-]*[A-Za-z][A-Za-z0-9.-]*$/.test(host);
  return isName
    ? `QM0011 ${notYet(`${show(host)} is a name, and endpoints by name are`)}; write an IP address`
    : `QM0020 ${show(address)} is not an IP address with a port such as 127.0.0.1:9001`;
}

export const endpointAddress = z.string().transform((value, context) => {
  const parsed = parseEndpoint(value);
  if (typeof parsed !== "string") return parsed;
  context.addIssue({ code: "custom", message: parsed });
  return z.NEVER;
});
