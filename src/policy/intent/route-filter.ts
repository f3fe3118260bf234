import type { Backend } from "./route.ts";

export type RouteFilter =
  | { readonly kind: "requestHeaders"; readonly edit: HeaderEdit }
  | { readonly kind: "responseHeaders"; readonly edit: HeaderEdit }
  | {
      readonly kind: "redirect";
      readonly scheme?: "http" | "https";
      readonly hostname?: string;
      readonly path?: PathModifier;
      readonly port?: number;
      readonly statusCode: 301 | 302 | 303 | 307 | 308;
    }
  | ({ readonly kind: "cors" } & Cors)
  | { readonly kind: "rewrite"; readonly hostname?: string; readonly path?: PathModifier }
  | {
      readonly kind: "mirror";
      readonly backend: Backend;
      readonly fraction: { readonly numerator: number; readonly denominator: number };
    };

export interface HeaderEdit {
  readonly set: readonly { readonly name: string; readonly value: string }[];
  readonly add: readonly { readonly name: string; readonly value: string }[];
  readonly remove: readonly string[];
}

export interface PathModifier {
  readonly type: "ReplaceFullPath" | "ReplacePrefixMatch";
  readonly value: string;
}

/** Which pages of other origins a browser lets call. */
export interface Cors {
  /** `*`, exact, or with one `*` in front of the host. */
  readonly allowOrigins: readonly string[];
  readonly allowCredentials: boolean;
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}
