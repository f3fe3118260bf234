import { Verdict } from "../../src/core/verdict.ts";
import { MetricKind } from "./host.ts";
import { Span } from "./memory.ts";
import { scopeMetric } from "./scope-metric.ts";
import { Tally } from "./tally.ts";
import { constant } from "./text.ts";

/** Why requests of a scope are shed: a word and a counter `qmesh.SCOPE.shed.WORD` for each reason the law has. */
class Reason extends Tally {
  readonly word: Span;

  constructor(name: usize, nameSize: u32, word: usize) {
    super(scopeMetric(MetricKind.Counter, name, nameSize, ".shed.", word));
    this.word = constant(word);
  }
}

export class ShedReasons {
  private readonly limit: Reason;
  private readonly level: Reason;
  private readonly tenant: Reason;
  private readonly retry: Reason;
  private readonly deadline: Reason;

  constructor(name: usize, nameSize: u32) {
    this.limit = new Reason(name, nameSize, "limit");
    this.level = new Reason(name, nameSize, "level");
    this.tenant = new Reason(name, nameSize, "tenant");
    this.retry = new Reason(name, nameSize, "retry");
    this.deadline = new Reason(name, nameSize, "deadline");
  }

  of(verdict: Verdict): Reason {
    switch (verdict) {
      case Verdict.ShedLevel:
        return this.level;
      case Verdict.ShedTenant:
        return this.tenant;
      case Verdict.ShedRetry:
        return this.retry;
      case Verdict.ShedDeadline:
        return this.deadline;
      default:
        return this.limit;
    }
  }

  publish(): void {
    this.limit.publish();
    this.level.publish();
    this.tenant.publish();
    this.retry.publish();
    this.deadline.publish();
  }
}
