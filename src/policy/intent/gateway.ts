import type { RouteKind } from "./route.ts";

export interface Gateway {
  readonly name: string;
  /** IP addresses to bind; empty: every interface. */
  readonly addresses: readonly string[];
  readonly listeners: readonly GatewayListener[];
}

export interface GatewayListener {
  readonly name: string;
  readonly protocol: "HTTP" | "HTTPS";
  /** 0..65535; 0 lets Envoy pick a free port (tests and the demo). */
  readonly port: number;
  /** Absent: any. May start with `*.`. */
  readonly hostname?: string;
  /** Routes that may attach; absent: of every kind. */
  readonly routeKinds?: readonly RouteKind[];
  /** With HTTPS, and only then. */
  readonly tls?: ListenerTls;
}

export type ListenerTls =
  | {
      readonly kind: "files";
      /** PEM, the chain from the leaf on. */
      readonly certificate: string;
      /** Absolute, on the disk of Envoy as on that of the control plane. */
      readonly privateKeyFile: string;
    }
  /** A secret of Envoy's own bootstrap. */
  | { readonly kind: "secret"; readonly name: string };
