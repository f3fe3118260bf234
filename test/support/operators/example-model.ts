import type { CommandAnswer, Commands, Order } from "../../../src/api/commands.ts";
import type { ReadModel } from "../../../src/api/read-model.ts";
import type { AuditRecordView } from "../../../src/api/view/incident.ts";
import type { FreezeView, OverrideView } from "../../../src/api/view/operation.ts";
import type { IncidentCheck } from "../../../src/audit/incident.ts";
import { exampleDecisions, exampleDetail } from "./example-decisions.ts";
import { exampleServices } from "./example-services.ts";

/** A control plane with every part, and an engine that remembers what it was told. */
export class ExampleMesh {
  readonly orders: Order[] = [];
  freeze: FreezeView = { isFrozen: false };
  answer: CommandAnswer = { ok: true, record: "r-1" };
  overrides: OverrideView[];

  constructor(
    private readonly nowMs: number,
    private readonly services = 6,
  ) {
    this.overrides = [
      {
        ...{ id: "order/t9f0/rateLimit.api-per-tenant.factor", by: "mira", isClaimed: false },
        ...{ knob: "rateLimit.api-per-tenant.factor", value: 0.5, reason: "load test of a tenant" },
        ...{ since: this.at(5200), until: this.at(-2000) },
      },
    ];
  }

  readonly commands: Commands = {
    give: async (order) => {
      this.orders.push(order);
      if (!this.answer.ok) return this.answer;
      const { kind } = order.what;
      if (kind === "freeze" || kind === "unfreeze") {
        const reason = order.reason ?? "";
        this.freeze =
          kind === "freeze"
            ? { isFrozen: true, by: order.by, reason, since: this.at(0) }
            : { isFrozen: false };
      }
      return this.answer;
    },
  };

  at(secondsAgo: number): string {
    return new Date(this.nowMs - secondsAgo * 1000).toISOString();
  }

  get model(): ReadModel {
    const at = (secondsAgo: number) => this.at(secondsAgo);
    const services = exampleServices(this.services);
    const audit = auditRecords(this.nowMs);
    return {
      services: () => services,
      decisions: ({ limit, service, kind, subject }) => ({
        items: exampleDecisions(this.nowMs)
          .filter((each) => service === undefined || each.service === service)
          .filter((each) => kind === undefined || each.kind === kind)
          .filter((each) => subject === undefined || each.subject.name === subject)
          .slice(0, limit),
      }),
      config: (node, type) =>
        node === "edge-1"
          ? { node, type, state: "SYNCED", wanted: "ab", acked: "ab", resources: [] }
          : undefined,
      requests: (after = 0) => ({
        items: [
          {
            seq: after + 1,
            at: at(1),
            node: "edge-1",
            cluster: "checkout.v41",
            status: 200,
            ms: 4,
          },
        ],
        next: after + 1,
      }),
      report: (measure) => ({
        ...{ measure, title: "success rate", target: "99.9 %", state: "met", since: at(3600) },
        rows: [{ name: "checkout", value: 1, unit: "ratio", samples: 100, window: "1 min" }],
      }),
      service: (name) => {
        const found = services.find((each) => each.name === name);
        const { histogram = [] } = found ?? {};
        return found && { ...found, parts: found.parts.map((each) => ({ ...each, histogram })) };
      },
      decision: (id) => exampleDetail(id, this.nowMs),
      rollouts: () => [
        {
          ...{ name: "checkout", service: "checkout", stable: "v41", canary: "v42" },
          ...{ phase: "rolled back", percent: 0, actualPercent: 0.1 },
          ...{ startedAt: at(2300), stepSince: at(95), lockedUntil: at(-3505) },
          why: "v42 is worse than v41: 21 of 1,000 requests failed beside 0.4",
          steps: steps(["1 % until safe", "5 % for 300 s", "10 % for 300 s", "50 %", "100 %"], 2),
          signals: [{ name: "errors", evidence: 2410.5, limit: 1000 }],
          arms: [
            { version: "v41", requests: 90_310, errors: 37 },
            { version: "v42", requests: 10_031, errors: 212 },
          ],
        },
        {
          ...{ name: "search", service: "search", stable: "v7", canary: "v8" },
          ...{ phase: "waiting", percent: 25, actualPercent: 24.6 },
          ...{ startedAt: at(4000), stepSince: at(340) },
          why: "waits for someone of role approver to promote it",
          steps: steps(["5 % until safe", "25 % for 600 s", "hold for approver", "100 %"], 2),
          signals: [
            { name: "errors", evidence: 0.8, limit: 1000 },
            { name: "slower than 300 ms", evidence: 3.1, limit: 1000 },
          ],
          arms: [
            { version: "v7", requests: 44_000, errors: 12 },
            { version: "v8", requests: 14_600, errors: 4 },
          ],
        },
      ],
      action: (id) =>
        id === "a-t9k2-4be1d0"
          ? {
              ...{ id, text: "checkout: timeout 500 ms", knob: "service/checkout/timeout" },
              by: { kind: "Policy", name: "tighten" },
              ...{ class: "reliability", since: at(95), isShadow: false, isOver: true },
              progress: { acked: 1, refused: 1, total: 2 },
              outcome: "partial",
              nodes: [
                { node: "edge-1", state: "observed" },
                { node: "edge-2", state: "refused", message: "routes: no such cluster" },
              ],
            }
          : undefined,
      actions: () => [
        {
          ...{ id: "rollout/checkout/ab12", text: "checkout: v41 100, v42 0" },
          ...{ knob: "service/checkout/weights", class: "experiment", isShadow: false },
          by: { kind: "Rollout", name: "checkout" },
          ...{ since: at(95), decision: "t9k2-4be1d0" },
          progress: { acked: 3, refused: 0, total: 3 },
        },
        {
          ...{ id: "policy/batch-throttle", text: "rate limit batch: 0.5 times its rate" },
          ...{ knob: "rateLimit/batch", class: "cost", isShadow: false },
          by: { kind: "Policy", name: "batch-throttle" },
          ...{ since: at(700), until: at(-1100) },
          progress: { acked: 2, refused: 1, total: 3 },
        },
      ],
      approvals: () => [
        {
          ...{ decision: "t9k3-51d7ce", policy: "quarantine-caller", need: 1 },
          text: "deny principal spiffe://mesh/ns/shop/sa/scraper at checkout",
          ...{ from: ["approver"], approvedBy: [], since: at(50), until: at(-250), else: "deny" },
        },
      ],
      overrides: () => this.overrides,
      freeze: () => this.freeze,
      incidents: () => [
        {
          ...{ id: "i-204", title: "checkout burns its budget 19 times too fast" },
          ...{ service: "checkout", severity: "page", openedAt: at(180) },
          ...{ runbook: "https://runbooks.example/checkout-burn", runbooks: ["checkout-burn"] },
          decisions: ["t9k0-77a2c9", "t9k2-4be1d0"],
        },
        {
          ...{ id: "i-203", title: "search slow in eu/b", service: "search", severity: "ticket" },
          ...{ openedAt: at(9000), closedAt: at(7000), decisions: ["t9jr-0c11fe"], runbooks: [] },
        },
      ],
      incidentCheck: (id) => (exampleDetail(id, this.nowMs) ? incidentCheck(id) : undefined),
      alertQuality: () => ({
        labelled: 40,
        notActionable: 2,
        share: 0.05,
        low: 0.0138,
        high: 0.165,
      }),
      alerts: () => [
        {
          ...{ id: "9f31c2-t9k0", group: "g-9f31c2-t9k0", targets: ["team-pay"] },
          sent: [{ to: "pager", state: "sent" }],
          ...{ fingerprint: "9f31c2", severity: "page", state: "firing", service: "checkout" },
          ...{ title: "checkout-availability burns", slo: "checkout-availability", since: at(180) },
          ...{ value: 19, threshold: 4, windowSeconds: 600, posterior: 0.999 },
          ...{ tried: ["rate limit batch halved: no effect"], decision: "t9k0-77a2c9" },
        },
      ],
      failures: () => [
        {
          ...{ id: "5f1c", at: "2026-01-02T03:04:05.000Z", service: "checkout", version: "v42" },
          ...{ node: "edge-1", status: 503, ms: 12.5, endpoint: "10.0.0.1:8080" },
          ...{ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", requestId: "5f1c", decisions: [] },
        },
      ],
      intents: () => [{ digest: "ab".repeat(32), at: at(4000), isInForce: true }],
      policies: () => [
        {
          ...{ name: "relief", owner: "team-pay", class: "reliability", mode: "enforce" },
          ...{
            method: "rules",
            methodWhy: "its probabilities came true less often",
            breaker: "closed",
            pages: false,
            runbooks: [],
          },
          lastAct: at(900),
          ledger: {
            ...{ since: at(86_400), acted: 7, helped: 1, recovered: 1, noEffect: 5, harmed: 0 },
            ...{ minutesSaved: 12.5, retire: "helped 1 times of 6" },
          },
          shadow: { acts: 0, judged: 0, unneeded: 0, worstHour: 0, whyNot: "nothing was judged" },
        },
      ],
      audit: ({ limit }) => ({ items: audit.slice(0, limit) }),
    };
  }
}

function steps(texts: readonly string[], now: number) {
  return texts.map((text, at) => {
    const state = at < now ? ("done" as const) : at === now ? ("now" as const) : ("next" as const);
    return { text, state };
  });
}

function incidentCheck(id: string): IncidentCheck {
  return {
    id,
    objectives: [{ name: "checkout-availability", targetRatio: 0.999, budgetLeftRatio: 0.2 }],
    actions: [],
    comparison: [],
    automation: { judged: 0, harmful: [], isFrozen: false },
    postmortem: { command: `qmesh postmortem ${id}`, tags: ["Rollout/checkout"] },
    people: [],
  };
}

function auditRecords(nowMs: number): AuditRecordView[] {
  return exampleDecisions(nowMs).map(({ id, at, kind, subject, actor, verdict, because }) => ({
    ...{ id, at, kind, subject, actor },
    policySetDigest: "ab".repeat(32),
    body: { verdict, because },
  }));
}
