/** An outside system: where signals come from that the mesh does not see itself, and where alerts go. */
export type Adapter =
  /** Posted to the control plane, signed with the secret of a file. */
  | {
      readonly kind: "signals";
      readonly name: string;
      readonly owner?: string;
      /** Absolute; its text without blanks at the ends is the secret, 16 characters at least. */
      readonly secretFile: string;
      readonly signals: readonly { readonly name: string; readonly maxAgeSeconds: number }[];
    }
  /** Sent by OTLP exporters, with the secret of a file as their token. */
  | {
      readonly kind: "otlp";
      readonly name: string;
      readonly owner?: string;
      /** As above. */
      readonly secretFile: string;
      readonly metrics: readonly {
        readonly signal: string;
        /** Name of the metric. */
        readonly metric: string;
        /** Attributes that its series must have, of the resource or the point. */
        readonly where: Readonly<Record<string, string>>;
        /** Of a histogram, in (0,1); absent: its mean. */
        readonly quantile?: number;
        readonly maxAgeSeconds: number;
      }[];
    }
  /** Asked now and then; each answer is one number, with its labels. */
  | {
      readonly kind: "prometheus";
      readonly name: string;
      readonly owner?: string;
      readonly url: string;
      readonly queries: readonly {
        readonly signal: string;
        readonly query: string;
        readonly intervalSeconds: number;
      }[];
    }
  /** Alertmanager v2. */
  | {
      readonly kind: "alertmanager";
      readonly name: string;
      readonly owner?: string;
      /** Without `/api/v2`. */
      readonly url: string;
      /** Absolute; its text is a bearer token. */
      readonly secretFile?: string;
      /** Whose alerts; empty: everybody's. */
      readonly for: readonly string[];
    }
  /** JSON, signed with the secret of a file. */
  | {
      readonly kind: "webhook";
      readonly name: string;
      readonly owner?: string;
      readonly url: string;
      readonly secretFile: string;
      readonly for: readonly string[];
    };
