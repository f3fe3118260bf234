import type { Request } from "../../src/core/request.ts";
import { Verdict } from "../../src/core/verdict.ts";
import type { Law } from "./law.ts";

/** A limit on the requests in flight that knows no tier: what every peer here is. */
export abstract class LimitPeer implements Law {
  abstract readonly limit: number;

  admit(_request: Request, inflight: number): Verdict {
    return inflight < this.limit ? Verdict.Admit : Verdict.ShedLimit;
  }

  offered(): void {}
  tick(_nowMs: number): void {}
  abstract sample(rttMs: number, nowMs: number, inflight: number): void;
  /** A request that ended without an answer. */
  lost(_nowMs: number): void {}
}
