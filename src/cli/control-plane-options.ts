import type { LogLevel } from "../log.ts";
import type { Address } from "./address.ts";

/** What an operator may say of a control plane: the flags of `serve`, once parsed. */
export interface ControlPlaneOptions {
  /** Folder of intent. */
  readonly config: string;
  /** Folder of what is remembered. */
  readonly data: string;
  /** File that says who else may use the API. */
  readonly access?: string;
  readonly xds: Address;
  /** The rate-limit service: a port of its own, since it is asked for every request. */
  readonly rateLimit: Address;
  readonly http: Address;
  /** File that gets all the engine judges by, to be replayed; absent: none. */
  readonly capture?: string;
  /** Folder that `qmesh certs` keeps; absent: plaintext. */
  readonly certs?: string;
  /** Plaintext beyond loopback is meant. */
  readonly insecurePlaintext?: boolean;
  /** Share of the Envoys of a role that get a change of intent first; absent: all at once. */
  readonly canaryPush?: number;
  /** How long they must have held it, ms. */
  readonly canaryHold?: number;
  /** OTLP collector for the spans of the loop; absent: none. */
  readonly otlp?: string;
  readonly logLevel: LogLevel;
  /** Where alerts and runbooks may be sent; absent: nowhere. */
  readonly outbound?: readonly string[];
  /** How people reach the dashboard, for links in alerts; absent: the address it listens on. */
  readonly publicUrl?: string;
}
