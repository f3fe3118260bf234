import type { Subject } from "../record.ts";
import type { Breaker } from "./breaker.ts";
import type { News } from "./news.ts";

/** A breaker that opens is a page: automation has stopped, and somebody has to look. */
export function breakerNews(subject: Subject, before: Breaker, now: Breaker): readonly News[] {
  if (now.open !== undefined && isTold(now.open, before.open)) {
    const what = subject.kind === "Policy" ? "It" : "All automation";
    const because = [
      `${capital(now.open.why)}.`,
      `${what} only says what it would do for half an hour, then one action is let through; \`qmesh freeze\` stops it for longer.`,
    ];
    return [{ kind: "page", subject, body: { verdict: "open breaker", because } }];
  }
  if (before.open === undefined || now.open !== undefined) return [];
  const because = ["The one action that was let through did well."];
  return [{ kind: "decision", subject, body: { verdict: "close breaker", because } }];
}

/** One that is forced open is opened anew each second, and told once. */
function isTold(now: NonNullable<Breaker["open"]>, before: Breaker["open"]): boolean {
  if (before === undefined || now.why !== before.why) return true;
  return now.sinceTick - before.sinceTick > 60;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
