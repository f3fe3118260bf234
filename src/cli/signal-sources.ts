import { readFileSync } from "node:fs";
import type { Logger } from "pino";
import { TokenBucket } from "../core/token-bucket.ts";
import { RecentMap } from "../evidence/recent-map.ts";
import type { SignalBook } from "../evidence/signal-book.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { OtlpIntake } from "../telemetry/otlp-intake.ts";
import { PrometheusQueries } from "../telemetry/prometheus-queries.ts";
import { SignalIntake } from "../telemetry/signal-intake.ts";

/** Of one signal. */
const MAX_SIGNALS = 1024;
const RATE = { rps: 10, burst: 50 };

/** Where signals come from, as the Adapters of the intent in force say. */
export class SignalSources {
  readonly intake: SignalIntake;
  readonly otlp: OtlpIntake;
  readonly #queries: PrometheusQueries;

  constructor(book: SignalBook, now: () => number, log: Logger) {
    const buckets = new RecentMap(MAX_SIGNALS, () => new TokenBucket());
    this.intake = new SignalIntake(book, now, (name) =>
      buckets.of(name).take(performance.now(), 1, RATE.rps, RATE.burst),
    );
    this.otlp = new OtlpIntake(book, now);
    this.#queries = new PrometheusQueries(book, (signal, why) =>
      log.warn({ signal, why }, "prometheus gave no value"),
    );
  }

  setIntent({ adapters }: Pick<PolicySet, "adapters">): void {
    this.intake.setSources(
      adapters.flatMap((each) =>
        // The intent was loaded only with a file that holds a secret.
        each.kind === "signals"
          ? [{ signals: each.signals, secret: readFileSync(each.secretFile, "utf8").trim() }]
          : [],
      ),
    );
    this.otlp.setSources(
      adapters.flatMap((each) =>
        each.kind === "otlp"
          ? [{ metrics: each.metrics, secret: readFileSync(each.secretFile, "utf8").trim() }]
          : [],
      ),
    );
    this.#queries.setSources(
      adapters.flatMap((each) => (each.kind === "prometheus" ? [each] : [])),
    );
  }

  tick(tick: number): Promise<void> {
    return this.#queries.tick(tick);
  }
}
