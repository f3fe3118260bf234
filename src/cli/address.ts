import { InvalidArgumentError } from "commander";

/** Where the control plane listens unless told otherwise; port 0 takes a free one. */
export const DEFAULTS = {
  xds: "127.0.0.1:18000",
  rateLimit: "127.0.0.1:18001",
  http: "127.0.0.1:8080",
  data: "./.qmesh",
} as const;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(":");
  if (colon < 1) throw new InvalidArgumentError("write host:port, such as 127.0.0.1:18000.");
  return { host: text.slice(0, colon), port: parsePort(text.slice(colon + 1)) };
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new InvalidArgumentError("a port is a number from 0 to 65535.");
  return port;
}
