import { z } from "zod";
import type { SignalBook } from "../evidence/signal-book.ts";

/** Asks Prometheus queries now and then; each answer is one number. What fails, or is no one number, ages and nothing else. */
export interface PrometheusSource {
  readonly url: string;
  readonly queries: readonly {
    readonly signal: string;
    readonly query: string;
    readonly intervalSeconds: number;
  }[];
}

const TIMEOUT_MS = 5000;
/** How old an answer may be, and how far ahead the server's clock. */
const OLDEST_SECONDS = 300;
const AHEAD_SECONDS = 5;
/** A signal is late after so many intervals without an answer. */
const PATIENCE = 2;

const answer = z.object({
  data: z.object({
    result: z
      .array(
        z.object({
          metric: z.record(z.string(), z.string()),
          value: z.tuple([z.number(), z.string()]),
        }),
      )
      .length(1),
  }),
});

export class PrometheusQueries {
  readonly #asked = new Map<string, number>();
  #sources: readonly PrometheusSource[] = [];
  #failed = 0;

  constructor(
    private readonly book: SignalBook,
    private readonly onFailure: (signal: string, why: string) => void,
  ) {}

  /** Queries without a usable answer. */
  get failed(): number {
    return this.#failed;
  }

  setSources(sources: readonly PrometheusSource[]): void {
    this.#sources = sources;
    for (const { queries } of sources) {
      for (const { signal, intervalSeconds } of queries) {
        this.book.declare(signal, PATIENCE * intervalSeconds + TIMEOUT_MS / 1000);
      }
    }
  }

  /** Asks what is due; resolves when all have answered or failed. */
  async tick(tick: number): Promise<void> {
    const due = this.#sources.flatMap(({ url, queries }) =>
      queries
        .filter(({ signal, intervalSeconds }) => {
          const last = this.#asked.get(signal) ?? Number.NEGATIVE_INFINITY;
          return tick - last >= intervalSeconds;
        })
        .map((each) => ({ url, ...each })),
    );
    await Promise.all(due.map((each) => this.#ask(each, tick)));
  }

  async #ask(at: { url: string; signal: string; query: string }, tick: number): Promise<void> {
    this.#asked.set(at.signal, tick);
    try {
      const url = new URL("/api/v1/query", at.url);
      url.searchParams.set("query", at.query);
      const response = await fetch(url, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: "error",
      });
      const [found] = answer.parse(await response.json()).data.result;
      if (found === undefined) throw new Error("no value");
      const [seconds, text] = found.value;
      if (seconds > tick + AHEAD_SECONDS) throw new Error("the answer is of the future");
      if (seconds < tick - OLDEST_SECONDS) throw new Error(`the answer is ${tick - seconds} s old`);
      // The second of the answer, not that of its arrival: what comes late must not look new.
      const second = Math.min(tick, Math.floor(seconds));
      const taken = this.book.add(at.signal, second, Number(text), found.metric);
      if (!taken) throw new Error(`${text} is no number, or a newer one is known`);
    } catch (error) {
      this.#failed += 1;
      this.onFailure(at.signal, (error as Error).message);
    }
  }
}
