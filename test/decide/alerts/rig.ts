import {
  type AlertBook,
  type Breach,
  EMPTY_BOOK,
  type Notification,
} from "../../../src/decide/alerts/alert.ts";
import { stepAlertBook } from "../../../src/decide/alerts/route.ts";
import type { Silence } from "../../../src/decide/alerts/suppression.ts";
import type { DecisionRecord } from "../../../src/decide/record.ts";
import type { Maintenance } from "../../../src/policy/intent/maintenance.ts";
import type { Policy } from "../../../src/policy/intent/policy.ts";
import type { Rollout } from "../../../src/policy/intent/rollout.ts";

/** Breaches that hold, seconds that pass, and what people were told. */
export class AlertRig {
  book: AlertBook = EMPTY_BOOK;
  tick = 1_000_000;
  breaches: readonly Breach[] = [];
  maintenances: readonly Maintenance[] = [];
  silences: readonly Silence[] = [];
  policies: readonly Policy[] = [];
  readonly told: Notification[] = [];
  #records: DecisionRecord[] = [];

  run(seconds: number): this {
    for (let second = 0; second < seconds; second++) {
      const turn = stepAlertBook(this.book, {
        tick: this.tick,
        policySet: {
          policies: this.policies,
          rollouts: [] as readonly Rollout[],
          maintenances: this.maintenances,
        },
        breaches: this.breaches,
        records: this.#records,
        silences: this.silences,
        matches: (expression, text) => new RegExp(`^(?:${expression})$`).test(text),
      });
      this.#records = [];
      this.book = turn.book;
      this.told.push(...turn.notifications);
      this.tick += 1;
    }
    return this;
  }

  record(parts: Pick<DecisionRecord, "kind" | "subject" | "body">): this {
    const id = `r-${this.tick}-${this.#records.length}`;
    const about = { id, tick: this.tick, actor: "engine", policySetDigest: "d" };
    this.#records.push({ ...about, ...parts });
    return this;
  }

  get kinds(): string {
    return this.told.map(({ kind, severity }) => `${kind} ${severity}`).join(", ");
  }

  get states(): string {
    return Object.values(this.book.alerts)
      .map(({ state }) => state)
      .join(", ");
  }
}

export function breach(parts: Partial<Breach> & { readonly key: string }): Breach {
  return {
    severity: "page",
    title: `${parts.key} is bad`,
    targets: ["team-pay"],
    ...{ value: 19.2, threshold: 14.4, windowSeconds: 300, posterior: 0.998 },
    sinceTick: 999_990,
    causes: [],
    ...parts,
  };
}
