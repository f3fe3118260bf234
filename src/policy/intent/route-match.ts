export interface RouteMatch {
  readonly path: {
    readonly type: "Exact" | "PathPrefix" | "RegularExpression";
    readonly value: string;
  };
  readonly method?: string;
  readonly headers: readonly KeyMatch[];
  readonly queryParams: readonly KeyMatch[];
  /** Only gRPC calls match; the parts `path` is made of, empty: any. */
  readonly grpc?: { readonly service: string; readonly method: string };
}

export interface KeyMatch {
  readonly name: string;
  readonly type: "Exact" | "RegularExpression";
  readonly value: string;
}
