import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { SignalBook } from "../evidence/signal-book.ts";

/**
 * Signals that outside systems post: one value a post, signed with the secret of their Adapter. What is lying, late, from
 * the future, told twice or too often is refused by name and never becomes evidence.
 * Signature: `v1=` and the hex HMAC-SHA256 of `TIMESTAMP.BODY`; timestamp: seconds of Unix time.
 */
export interface SignalPost {
  readonly name: string;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: string;
}

export type IntakeAnswer =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly status: 400 | 401 | 404 | 409 | 413 | 429;
      readonly why: string;
    };

export interface SignalSource {
  readonly secret: string;
  readonly signals: readonly { readonly name: string; readonly maxAgeSeconds: number }[];
}

const MAX_BODY_BYTES = 65_536;
/** How old a post may be, and how far ahead the sender's clock. */
const OLDEST_SECONDS = 300;
const AHEAD_SECONDS = 5;
const REMEMBERED = 10_000;

const post = z.strictObject({
  value: z.number(),
  labels: z.record(z.string().max(64), z.string().max(256)).default({}),
});

export class SignalIntake {
  readonly #sources = new Map<string, SignalSource>();
  readonly #seen = new Set<string>();
  #refused = 0;

  constructor(
    private readonly book: SignalBook,
    /** Seconds of Unix time. */
    private readonly now: () => number,
    /** Whether one more post of that name is not too many. */
    private readonly mayTake: (name: string) => boolean,
  ) {}

  /** Posts that were not taken. */
  get refused(): number {
    return this.#refused;
  }

  setSources(sources: readonly SignalSource[]): void {
    this.#sources.clear();
    for (const source of sources) {
      for (const { name, maxAgeSeconds } of source.signals) {
        this.#sources.set(name, source);
        this.book.declare(name, maxAgeSeconds);
      }
    }
  }

  take(asked: SignalPost): IntakeAnswer {
    const answer = this.#judge(asked);
    if (!answer.ok) this.#refused += 1;
    return answer;
  }

  #judge({ name, timestamp = "", signature = "", body }: SignalPost): IntakeAnswer {
    const source = this.#sources.get(name);
    if (source === undefined) return no(404, `no Adapter of the intent names a signal ${name}`);
    if (!this.mayTake(name)) return no(429, `${name} is posted too often`);
    if (Buffer.byteLength(body) > MAX_BODY_BYTES) return no(413, "the body is above 64 KiB");
    if (!isSigned(source.secret, `${timestamp}.${body}`, signature)) {
      return no(401, "the signature is not that of this body and timestamp");
    }
    const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
    const now = this.now();
    if (!(at <= now + AHEAD_SECONDS)) return no(400, "the timestamp is in the future, or none");
    if (at < now - OLDEST_SECONDS) return no(400, `the timestamp is ${now - at} s old`);
    if (this.#seen.has(signature)) return no(409, "this very post was taken before");
    const parsed = post.safeParse(jsonOf(body));
    if (!parsed.success) return no(400, "the body is not {value: NUMBER, labels: {NAME: TEXT}}");
    const { value, labels } = parsed.data;
    // The second of the post, not that of its arrival: what comes late must not look new.
    if (!this.book.add(name, Math.min(at, now), value, labels)) {
      return no(409, "a newer value is known");
    }
    this.#remember(signature);
    return { ok: true };
  }

  #remember(signature: string): void {
    this.#seen.add(signature);
    if (this.#seen.size <= REMEMBERED) return;
    const [oldest] = this.#seen;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}

function isSigned(secret: string, text: string, signature: string): boolean {
  const expected = Buffer.from(`v1=${createHmac("sha256", secret).update(text).digest("hex")}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function no(status: 400 | 401 | 404 | 409 | 413 | 429, why: string): IntakeAnswer {
  return { ok: false, status, why };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
