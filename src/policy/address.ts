/**
 * Where to listen and where endpoints are: IP addresses only. A name has to be resolved while the proxy runs; that is the `dns`
 * form of a version.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { text } from "./fields.ts";
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
    ? `QM0020 ${show(host)} is a name; write an IP address (a version may have a name as dns)`
    : `QM0020 ${show(address)} is not an IP address with a port such as 127.0.0.1:9001`;
}

export const endpointAddress = z.string().transform((value, context) => {
  const parsed = parseEndpoint(value);
  if (typeof parsed !== "string") return parsed;
  context.addIssue({ code: "custom", message: parsed });
  return z.NEVER;
});

/** `checkout.svc:8080`: a name to resolve, with the port. */
export const dnsName = z.string().transform((value, context) => {
  const at = value.lastIndexOf(":");
  const [host, port] = [value.slice(0, at), Number(value.slice(at + 1))];
  const isName = isHostname(host) && isIP(host) === 0;
  if (isName && /^\d{1,5}$/.test(value.slice(at + 1)) && port >= 1 && port <= 65535) {
    return { host, port };
  }
  const message = `QM0025 ${show(value)} is not a name with a port such as checkout.svc:8080`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Wider than the standard's hostnames: names of services have underscores, and may end in a dot. */
function isHostname(name: string): boolean {
  if (name.length > 253) return false;
  return name
    .replace(/\.$/, "")
    .split(".")
    .every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}
