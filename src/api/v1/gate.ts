import { TokenBucket } from "../../core/token-bucket.ts";
import { RecentMap } from "../../evidence/recent-map.ts";
import type { Authenticate, Evidence } from "../auth/authenticate.ts";
import { ANONYMOUS, type Principal } from "../auth/principal.ts";
import type { Verb } from "../auth/roles.ts";
import type { ProblemStatus, ProblemText } from "../problem.ts";

/**
 * Who comes in: shown to be somebody, allowed the verb, and not too often. Reading needs nothing shown where only this
 * machine can ask; every change does.
 */
export interface GateOptions {
  readonly authenticate: Authenticate;
  /** Only this machine can reach the API, so reading is open. */
  readonly isOpenForReading: boolean;
  readonly nowMs: () => number;
}

export interface Asking extends Evidence {
  readonly verb: Verb;
  /** Address of the peer; what is shown wrongly is counted by it. */
  readonly peer: string;
}

export type Entry =
  | { readonly ok: true; readonly principal: Principal }
  | {
      readonly ok: false;
      readonly status: ProblemStatus;
      readonly text: ProblemText;
      /** Who it was, as far as it was shown. */
      readonly actor: string;
      readonly retrySeconds?: number;
    };

/** A person with several open screens reads some hundred times a second at most; nobody gives five orders a second. */
const READS = { rps: 1000, burst: 2000 };
const ORDERS = { rps: 5, burst: 50 };
/** Guessing 256 bits is hopeless anyway; this keeps the log readable. */
const FAILURES = { rps: 1, burst: 20 };

/** Principals and peers remembered. */
const MAX_KEYS = 1024;

export class Gate {
  readonly #buckets = new RecentMap(MAX_KEYS, () => new TokenBucket());

  constructor(private readonly options: GateOptions) {}

  async admit({ verb, peer, ...evidence }: Asking): Promise<Entry> {
    const shown = await this.options.authenticate(evidence);
    if (shown?.ok === false) {
      if (!this.#take(`failure ${peer}`, FAILURES)) return tooMany("anonymous");
      return refused(401, "anonymous", "the token is refused", shown.why);
    }
    const isOpen = this.options.isOpenForReading && verb === "read";
    if (shown === undefined && !isOpen) {
      const detail =
        "Send Authorization: Bearer TOKEN; this machine's token is in its data folder.";
      return refused(401, "anonymous", "this needs a token", detail);
    }
    const principal = shown?.principal ?? ANONYMOUS;
    const { name, roles, verbs } = principal;
    const limit = verb === "read" ? READS : ORDERS;
    if (!this.#take(`${verb === "read" ? "read" : "order"} ${name} ${peer}`, limit))
      return tooMany(name);
    if (!verbs.has(verb)) {
      const has = roles.length > 0 ? `role ${roles.join(", ")}` : "no role here";
      return refused(403, name, `${name} may not ${verb}`, `${name} has ${has}.`);
    }
    return { ok: true, principal };
  }

  #take(key: string, { rps, burst }: typeof READS): boolean {
    return this.#buckets.of(key).take(this.options.nowMs(), 1, rps, burst);
  }
}

function refused(status: 401 | 403, actor: string, title: string, detail: string): Entry {
  return { ok: false, status, actor, text: { title, detail } };
}

function tooMany(actor: string): Entry {
  const text = { title: "too many requests", detail: "Wait a second, and ask less often." };
  return { ok: false, status: 429, actor, text, retrySeconds: 1 };
}
