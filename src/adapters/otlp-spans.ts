import { createHash } from "node:crypto";
import type { DecisionRecord } from "../decide/record.ts";

/**
 * The control plane's own spans, sent as OTLP over HTTP in JSON: one trace a push, from evidence to the last acknowledgement,
 * with the decisions behind it as `qmesh.decision`. Sending is bounded and never waited for: what does not fit is dropped
 * and counted.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** SPAN_KIND_INTERNAL. */
  readonly kind: 1;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly {
    readonly key: string;
    readonly value:
      | { readonly stringValue: string }
      | { readonly arrayValue: { readonly values: readonly { readonly stringValue: string }[] } };
  }[];
}

const STAGES = ["ingest", "evaluation", "push", "ack"] as const;

/** Of the record of a push that ended at `endMs` of Unix time; of any other record there are none. */
export function spansOf({ id, subject, body }: DecisionRecord, endMs: number): Span[] {
  if (subject.kind !== "Engine" || subject.name !== "push") return [];
  const seconds = STAGES.map((stage) => {
    const value = body.seen?.find(({ what }) => what === `${stage} seconds`)?.value;
    return typeof value === "number" ? value : 0;
  });
  const traceId = hexOf(id, 32);
  const rootId = hexOf(`${id} root`, 16);
  const startMs = endMs - 1000 * seconds.reduce((sum, each) => sum + each, 0);
  const values = body.causes.map((stringValue) => ({ stringValue }));
  const attributes: Span["attributes"] = [
    { key: "qmesh.decision", value: { arrayValue: { values } } },
    { key: "qmesh.outcome", value: { stringValue: body.verdict } },
  ];
  const root: Span = {
    ...{ traceId, spanId: rootId, name: "qmesh.decision", kind: 1, attributes },
    ...times(startMs, endMs),
  };
  let fromMs = startMs;
  const stages = STAGES.map((stage, at): Span => {
    const toMs = fromMs + 1000 * (seconds[at] ?? 0);
    const span: Span = {
      ...{ traceId, spanId: hexOf(`${id} ${stage}`, 16), parentSpanId: rootId },
      ...{ name: `qmesh.${stage}`, kind: 1, attributes, ...times(fromMs, toMs) },
    };
    fromMs = toMs;
    return span;
  });
  return [root, ...stages];
}

function times(startMs: number, endMs: number) {
  const nanos = (ms: number) => `${BigInt(Math.round(ms * 1000)) * 1000n}`;
  return { startTimeUnixNano: nanos(startMs), endTimeUnixNano: nanos(endMs) };
}

function hexOf(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

const MOST_WAITING = 512;
const TIMEOUT_MS = 5000;

export class OtlpExporter {
  #waiting: Span[] = [];
  #sending: Promise<void> | undefined;
  #dropped = 0;

  constructor(
    /** `http://127.0.0.1:4318`; `/v1/traces` is added. */
    private readonly url: string,
    private readonly version: string,
    private readonly onProblem: (why: string) => void,
  ) {}

  /** Spans that found no room or no collector. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Returns at once. */
  take(spans: readonly Span[]): void {
    const room = MOST_WAITING - this.#waiting.length;
    this.#waiting.push(...spans.slice(0, room));
    this.#dropped += Math.max(0, spans.length - room);
    if (this.#waiting.length > 0) this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const spans = this.#waiting;
      this.#waiting = [];
      const why = await this.#post(spans);
      if (why === undefined) continue;
      this.#dropped += spans.length;
      this.onProblem(why);
    }
    this.#sending = undefined;
  }

  /** Why it was not taken. */
  async #post(spans: readonly Span[]): Promise<string | undefined> {
    const attributes = [
      { key: "service.name", value: { stringValue: "quantum-mesh" } },
      { key: "service.version", value: { stringValue: this.version } },
    ];
    const scopeSpans = [{ scope: { name: "quantum-mesh" }, spans }];
    try {
      const response = await fetch(new URL("/v1/traces", this.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `the collector answered ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
