import type { DecisionDetail, DecisionView } from "../../../src/api/view/decision.ts";

/** What happened around the bad release of checkout, newest first, ending at `nowMs`. */
export function exampleDecisions(nowMs: number): DecisionView[] {
  const at = (secondsAgo: number) => new Date(nowMs - secondsAgo * 1000).toISOString();
  const checkout = { service: "checkout", actor: "engine", mode: "enforce" as const };
  return [
    {
      ...{ id: "t9k3-51d7ce", at: at(50), kind: "decision", actor: "engine" },
      subject: { kind: "Policy", name: "quarantine-caller" },
      service: "checkout",
      verdict: "ask",
      because: [
        "spiffe://mesh/ns/shop/sa/scraper asks for 40 times its share; somebody must agree.",
      ],
    },
    {
      ...{ id: "t9k2-4be1d0", at: at(95), kind: "decision", ...checkout },
      subject: { kind: "Rollout", name: "checkout" },
      verdict: "roll back",
      because: ["v42 is worse than v41: 21 of 1,000 requests failed beside 0.4."],
      outcome: { state: "success", text: "errors of checkout fell from 1.9 % to 0.04 % in 21 s" },
      latency: { decideMs: 1240, applyMs: 310 },
    },
    {
      ...{ id: "t9k0-77a2c9", at: at(140), kind: "action", ...checkout },
      subject: { kind: "Policy", name: "checkout-burns" },
      verdict: "act",
      because: ["checkout-availability burns 19 times too fast, and the page asks for 4."],
      outcome: { state: "no effect", text: "the burn did not fall within 60 s; taken back" },
      latency: { decideMs: 980, applyMs: 420 },
    },
    {
      ...{ id: "t9jr-0c11fe", at: at(260), kind: "decision", actor: "engine", mode: "shadow" },
      subject: { kind: "Policy", name: "search-shift" },
      service: "search",
      verdict: "would act",
      because: ["eu/b answers 4 times slower than eu/a; in shadow nothing is moved."],
      latency: { decideMs: 1110 },
    },
    {
      ...{ id: "t9h4-b1f3aa", at: at(1900), kind: "decision", ...checkout },
      subject: { kind: "Rollout", name: "checkout" },
      verdict: "advance",
      because: ["v42 has stood at 5 % for 300 s and is shown to be safe; it gets 10 %."],
      latency: { decideMs: 1002, applyMs: 280 },
    },
    {
      ...{ id: "t9f0-3d90e7", at: at(5200), kind: "override", actor: "mira" },
      subject: { kind: "Override", name: "rateLimit.api-per-tenant.factor" },
      verdict: "override",
      because: [
        "rateLimit.api-per-tenant.factor is held at 0.5 for 7200 s: load test of a tenant.",
      ],
    },
  ];
}

export function exampleDetail(id: string, nowMs: number): DecisionDetail | undefined {
  const all = exampleDecisions(nowMs);
  const view = all.find((each) => each.id === id);
  if (view === undefined) return undefined;
  const first = Math.floor(nowMs / 1000) - 300;
  const times = Array.from({ length: 120 }, (_, point) => first + 2 * point);
  return {
    ...view,
    seen: [
      { what: "canary: errors of requests", value: "212 of 10031" },
      { what: "stable: errors of requests", value: "37 of 90310" },
      {
        what: "evidence that errors are worse",
        value: 2410.5,
        threshold: "rolls back at 1000",
        windowSeconds: 180,
      },
    ],
    believed: [
      { what: "v42 fails more than v41", chance: 0.994 },
      { what: "an endpoint of v42 is broken", chance: 0.006 },
    ],
    weighed: [
      {
        ...{ text: "roll back", place: "chosen", gain: 18.2, pBenefit: 0.999 },
        why: "errors beyond the objective are real with 99.9 %",
      },
      {
        ...{ text: "rate limit batch: 0.5 times its rate", place: "runner-up" },
        ...{ gain: 3.4, pBenefit: 0.81, why: "fewer requests, of which as many fail" },
      },
      { text: "nothing", place: "nothing", gain: 0, why: "the budget is spent in 41 minutes" },
    ],
    guards: [
      { name: "never-below-two-zones", passed: true, text: "locality.out > 1" },
      { name: "freeze-at-night", passed: true, text: "no window is open" },
    ],
    flip: "With 96 errors of the canary in place of 212 it would have held.",
    action: "checkout: v41 100, v42 0",
    wayBack: "checkout at the weights of its document: v41 100, v42 0",
    causes: ["t9h4-b1f3aa"],
    explanation: [`${id}  ${view.at}  ${view.subject.kind} ${view.subject.name}`],
    later: all.slice(0, 1).filter((each) => each.id !== id),
    plot: {
      times,
      lines: [
        {
          name: "evidence that errors are worse",
          values: times.map((_, point) => 0.8 * 1.068 ** point),
          threshold: 1000,
        },
      ],
    },
    traceIds: ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b74bf92f3577b34da6"],
  };
}
