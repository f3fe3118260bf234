/** What documents of automation name must be there: documents by kind, tiers, versions, and signals, which Adapters bring. */
import type { Draft } from "../draft.ts";
import type { Drafts } from "../drafts.ts";
import type { Kind } from "../kinds.ts";
import type { Absent } from "../known-names.ts";
import { didYouMean } from "../nearest.ts";
import type { Path } from "../path.ts";
import { versionNames } from "../service.ts";
import { type ActionSpec, suspectSpecs } from "./action.ts";
import { OWN_SIGNALS, signalsOf } from "./adapter.ts";
import type { IdentitySpec } from "./identity.ts";
import { type OverrideSpec, toKnob } from "./override.ts";
import type { PolicySpec } from "./policy.ts";
import type { RunbookSpec } from "./runbook.ts";
import type { ScopeSpec } from "./scope.ts";
import { alertPoliciesOf, type SloSpec, tierOf } from "./slo.ts";
import { checkTwinSignals } from "./twin-signals.ts";
import { writtenConditions } from "./written-conditions.ts";

export function checkAutomationReferences(drafts: Drafts, absent: Absent): void {
  new References(drafts, absent).check();
}

/** Functions whose text names a document; the rest of those that read something read a signal. */
const READS: Readonly<Record<string, Kind>> = {
  burn: "SLO",
  pBurn: "SLO",
  evidence: "Rollout",
  pWorse: "Rollout",
  quantile: "Service",
  disagreement: "Service",
};
const SIGNAL_READERS: readonly string[] = ["rate", "anomaly", "forecast", "age", "pAbove", "siem"];
/** What may be asked of the mesh's own signals. */
const OWN_READERS: readonly string[] = ["rate", "age"];

class References {
  private readonly drafts: Drafts;
  private readonly absent: Absent;
  private readonly signals: ReadonlySet<string>;
  private readonly tiers: ReadonlySet<string>;

  constructor(drafts: Drafts, absent: Absent) {
    this.drafts = drafts;
    this.absent = absent;
    this.signals = new Set(
      drafts.Adapter.flatMap(({ spec }) => signalsOf(spec).map(({ name }) => name)),
    );
    this.tiers = new Set(drafts.Shedding.flatMap(({ spec }) => spec.tiers.map(({ name }) => name)));
  }

  check(): void {
    const { drafts } = this;
    for (const { draft, path, program } of writtenConditions(drafts)) {
      for (const read of program.expression.reads) this.checkRead(draft, read, path);
    }
    for (const draft of [...drafts.Policy, ...drafts.Guardrail, ...drafts.Override]) {
      this.checkScope(draft);
    }
    for (const draft of drafts.Maintenance) this.checkScope(draft);
    for (const draft of drafts.Policy) this.checkPolicy(draft);
    for (const draft of drafts.Override) {
      for (const path of Object.keys(draft.spec.set)) this.checkKnob(draft, path);
    }
    for (const draft of drafts.SLO) this.checkSlo(draft);
    this.checkAlerts();
    for (const draft of drafts.Identity) this.checkKeys(draft);
    for (const draft of drafts.Runbook) this.checkRunbook(draft);
    for (const draft of drafts.AlertNotificationTarget) {
      this.told(draft, draft.spec.target, ["target"]);
    }
    checkTwinSignals(drafts.Adapter);
  }

  private name(draft: Draft<unknown>, kind: Kind, at: { name: string | undefined; path: Path }) {
    const fault = at.name === undefined ? undefined : this.absent(kind, at.name);
    if (fault !== undefined) draft.wrong("QM0217", at.path, fault);
  }

  /** Keys that came another way than their address says are nobody's. */
  private checkKeys(draft: Draft<IdentitySpec>): void {
    const { uri, service: name } = draft.spec.jwks ?? {};
    const path = ["jwks", "service"];
    this.name(draft, "Service", { name, path });
    const service = this.drafts.Service.find((each) => each.name === name);
    if (uri === undefined || service === undefined || service.isDamaged(["tls"])) return;
    const isSecure = service.spec.tls !== undefined;
    if (uri.startsWith("https:") === isSecure) return;
    const how = isSecure ? "with TLS" : "in plaintext: it has no tls";
    draft.wrong("QM0229", path, `Service ${name} is reached ${how}, and the address is ${uri}`);
  }

  private checkRead(draft: Draft<unknown>, read: string, path: Path): void {
    const colon = read.indexOf(":");
    const [reader, name] = [read.slice(0, colon), read.slice(colon + 1)];
    const kind = READS[reader];
    if (kind !== undefined) this.name(draft, kind, { name, path });
    if (reader === "cost") this.signal(draft, `cost.${name}`, path);
    if (!SIGNAL_READERS.includes(reader)) return;
    if (OWN_SIGNALS.includes(name)) {
      if (OWN_READERS.includes(reader)) return;
      const can = OWN_READERS.map((each) => `${each}()`).join(" and ");
      draft.wrong("QM0218", path, `${reader}() does not know ${name}, which is for ${can}`);
    } else this.signal(draft, name, path);
  }

  private signal(draft: Draft<unknown>, name: string, path: Path): void {
    const { Adapter } = this.drafts;
    if (this.signals.has(name) || this.areSignalsLost()) return;
    const hint = didYouMean(name, this.signals);
    const none = Adapter.length === 0 ? "; there is no Adapter" : "";
    draft.wrong("QM0218", path, `no Adapter brings a signal ${name}${hint || none}`);
  }

  /** An Adapter at fault may be the one that brings it. */
  private areSignalsLost(): boolean {
    return (
      this.absent("Adapter", "") === undefined ||
      this.drafts.Adapter.some((draft) => draft.hasLost(["signals"]) || draft.hasLost(["queries"]))
    );
  }

  private checkScope(draft: Draft<{ readonly scope: ScopeSpec }>): void {
    const { service, rateLimit, tier } = draft.spec.scope;
    if (service !== "*") this.name(draft, "Service", { name: service, path: ["scope", "service"] });
    this.name(draft, "RateLimit", { name: rateLimit, path: ["scope", "rateLimit"] });
    if (tier !== undefined) this.tier(draft, tier, ["scope", "tier"]);
  }

  private tier(draft: Draft<unknown>, name: string, path: Path): void {
    const isLost = this.drafts.Shedding.some((shedding) => shedding.hasLost(["tiers"]));
    if (this.tiers.has(name) || isLost || this.absent("Shedding", "") === undefined) return;
    const hint = didYouMean(name, this.tiers) || `; tiers: ${[...this.tiers].join(", ") || "none"}`;
    draft.wrong("QM0217", path, `no Shedding has a tier ${name}${hint}`);
  }

  private checkPolicy(draft: Draft<PolicySpec>): void {
    const { then, guard, verify } = draft.spec;
    for (const [index, action] of then.entries()) {
      this.checkAction(draft, action, ["then", index]);
      const { page, ticket } = action.notify ?? {};
      const path = ["then", index, "notify", page === undefined ? "ticket" : "page"];
      this.told(draft, page ?? ticket, path);
      this.checkPartly(draft, action, ["then", index]);
    }
    for (const tier of Object.keys(guard.floor)) this.tier(draft, tier, ["guard", "floor", tier]);
    this.name(draft, "Runbook", { name: draft.spec.evidence?.run, path: ["evidence", "run"] });
    if (verify === undefined) return;
    const isObjective = this.absent("SLO", verify.signal) === undefined;
    const asksBurn = typeof verify.improve.below === "object";
    if (!isObjective && asksBurn) {
      const fault = `burn is of an SLO, and ${this.absent("SLO", verify.signal)}`;
      draft.wrong("QM0217", ["verify", "signal"], fault);
    } else if (!isObjective) this.signal(draft, verify.signal, ["verify", "signal"]);
    else if (typeof verify.improve.below === "number" && !this.signals.has(verify.signal)) {
      const message = `${verify.signal} is an SLO; write below: {burn: ${verify.improve.below}}`;
      draft.wrong("QM0115", ["verify", "improve", "below"], message);
    }
  }

  /** A name that nobody takes is seen at the desk, not at night. Without any Adapter for alerts people look for themselves. */
  private told(draft: Draft<unknown>, who: string | undefined, path: Path): void {
    const takers = this.drafts.Adapter.filter(
      ({ spec: { type } }) => type === "alertmanager" || type === "webhook",
    );
    const isTaken = takers.some(
      ({ spec }) => spec.for === undefined || spec.for.includes(who ?? ""),
    );
    if (who === undefined || takers.length === 0 || isTaken) return;
    const hint = didYouMean(
      who,
      takers.flatMap(({ spec }) => spec.for ?? []),
    );
    const message = `no Adapter that takes alerts is for ${who}, so nobody outside is told${hint}`;
    draft.wrong("QM0912", path, message);
  }

  private checkAction(draft: Draft<unknown>, action: ActionSpec, path: Path): void {
    for (const kind of Object.keys(action) as (keyof ActionSpec)[]) {
      const spec = (action[kind] ?? {}) as Readonly<Record<string, unknown>>;
      const named = (field: string) => {
        const name = spec[field];
        return { name: typeof name === "string" ? name : undefined, path: [...path, kind, field] };
      };
      this.name(draft, "Service", named("service"));
      if (kind === "rollback") this.name(draft, "Rollout", named("rollout"));
      if (kind === "shed") this.name(draft, "Shedding", named("shedding"));
      if (kind === "rateLimit") this.name(draft, "RateLimit", named("name"));
      if (kind === "mirror") this.name(draft, "Service", named("to"));
    }
    this.name(draft, "Runbook", { name: action.run, path: [...path, "run"] });
    const { rateLimit, shed, weights } = action;
    for (const [index, tier] of (rateLimit?.tiers ?? []).entries()) {
      this.tier(draft, tier, [...path, "rateLimit", "tiers", index]);
    }
    const suspects = action.deny === undefined ? [] : suspectSpecs(action.deny);
    if (suspects.some(({ claim, jti }) => claim !== undefined || jti !== undefined)) {
      const fault = this.absent("Identity", "");
      const hasNone = this.drafts.Identity.length === 0 && fault !== undefined;
      const message = "no Identity says whose tokens are believed, so no claim is known";
      if (hasNone) draft.wrong("QM0217", [...path, "deny"], message);
    }
    if (suspects.some(({ principal }) => principal !== undefined)) {
      this.checkCertified(draft, action.deny?.service, [...path, "deny"]);
    }
    if (shed !== undefined) this.checkShedTiers(draft, shed, [...path, "shed", "tiers"]);
    for (const version of Object.keys(weights?.weights ?? {})) {
      const at = [...path, "weights", "weights", version];
      this.version(draft, { service: weights?.service ?? "", version, path: at });
    }
  }

  /** A sidecar sees the certificates of its callers if its Service has them shown; a gateway asks no client for one. */
  private checkCertified(draft: Draft<unknown>, name: string | undefined, path: Path): void {
    const { Service: all } = this.drafts;
    const services = name === undefined ? all : all.filter((each) => each.name === name);
    const isShown = services.some((each) => {
      const { tls } = each.spec;
      return (tls !== undefined && tls.mode !== "simple") || each.isDamaged(["tls"]);
    });
    if (isShown || services.length === 0) return;
    const where = name === undefined ? "no Service has tls" : `Service ${name} has no tls`;
    const message = `${where}, so no caller shows a certificate and nobody is denied by it; a gateway asks no client for one`;
    draft.wrong("QM0913", path, message);
  }

  /** What the control plane counts or steps for all Envoys cannot hold on some of them. */
  private checkPartly(draft: Draft<PolicySpec>, action: ActionSpec, path: Path): void {
    const { spec } = draft;
    const partly = spec.mode === "canary" ? "mode canary" : spec.verify?.holdBack && "holdBack";
    if (!partly) return;
    const { rateLimit, rollback } = action;
    const verified = this.drafts.SLO.find(({ name }) => name === spec.verify?.signal);
    const tier = verified && tierOf(verified.spec);
    const isGlobal = this.drafts.RateLimit.some(
      (each) => each.name === rateLimit?.name && each.spec.scope === "global",
    );
    const what = isGlobal
      ? `RateLimit ${rateLimit?.name} has one count for the mesh`
      : rollback
        ? "a rollback is of the whole Rollout"
        : tier && `${verified?.name} is of tier ${tier}, which nobody counts by Envoy`;
    if (what) draft.wrong("QM0140", path, `${what}, so ${partly} cannot keep it to some Envoys`);
  }

  private checkShedTiers(
    draft: Draft<unknown>,
    shed: NonNullable<ActionSpec["shed"]>,
    path: Path,
  ): void {
    const shedding = this.drafts.Shedding.find(({ name }) => name === shed.shedding);
    if (shedding === undefined || shedding.hasLost(["tiers"])) return;
    const names = shedding.spec.tiers.map(({ name }) => name);
    for (const tier of Object.keys(shed.tiers)) {
      if (names.includes(tier)) continue;
      const hint = didYouMean(tier, names) || `; tiers: ${names.join(", ")}`;
      draft.wrong(
        "QM0217",
        [...path, tier],
        `Shedding ${shedding.name} has no tier ${tier}${hint}`,
      );
    }
  }

  private version(
    draft: Draft<unknown>,
    at: { service: string; version: string; path: Path },
  ): void {
    const service = this.drafts.Service.find(({ name }) => name === at.service);
    if (service === undefined || service.hasLost(["versions"])) return;
    const names = versionNames(service.spec);
    if (names.includes(at.version)) return;
    const hint = didYouMean(at.version, names) || `; versions: ${names.join(", ") || "none"}`;
    draft.wrong("QM0217", at.path, `Service ${at.service} has no version ${at.version}${hint}`);
  }

  private checkKnob(draft: Draft<OverrideSpec>, path: string): void {
    const knob = toKnob(path);
    if (knob?.kind === "rateLimit") {
      this.name(draft, "RateLimit", { name: knob.name, path: ["set", path] });
    } else if (knob?.kind === "policy") {
      this.name(draft, "Policy", { name: knob.name, path: ["set", path] });
      const policy = this.drafts.Policy.find(({ name }) => name === knob.name);
      if (policy === undefined || policy.isDamaged(["canary"])) return;
      if (draft.spec.set[path] === "canary" && policy.spec.canary === undefined) {
        draft.wrong("QM0012", ["set", path], `Policy ${knob.name} says no canary: {nodes, for}`);
      }
    } else if (knob?.kind === "canary") {
      const { service } = draft.spec.scope;
      const isRolled = this.drafts.Rollout.some(({ spec }) => spec.service === service);
      if (isRolled || service === undefined || this.absent("Rollout", "") === undefined) return;
      draft.wrong("QM0217", ["set", path], `there is no Rollout of Service ${service}`);
    }
  }

  private checkSlo(draft: Draft<SloSpec>): void {
    const { service, indicator } = draft.spec;
    this.name(draft, "Service", { name: service, path: ["service"] });
    for (const [index, name] of alertPoliciesOf(draft.spec).entries()) {
      this.name(draft, "AlertPolicy", { name, path: ["alertPolicies", index] });
    }
    const source = indicator?.spec.ratioMetric.good.metricSource;
    const tier = tierOf(draft.spec);
    if (tier !== undefined) {
      const at = ["good", "metricSource", "spec", "tier"];
      this.tier(draft, tier, ["indicator", "spec", "ratioMetric", ...at]);
    }
    if (source === undefined || source.type === "mesh") return;
    const path = ["indicator", "spec", "ratioMetric", "good", "metricSource", "metricSourceRef"];
    const servers = this.drafts.Adapter.filter(({ spec }) => spec.type === "prometheus");
    const names = servers.map(({ name }) => name);
    if (source.metricSourceRef === undefined) {
      if (names.length === 1 || this.areSignalsLost()) return;
      const which = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
      draft.wrong("QM0217", path, `missing; name the Adapter of type prometheus, ${which}`);
    } else if (!names.includes(source.metricSourceRef)) {
      const hint = didYouMean(source.metricSourceRef, names);
      const absent = `there is no Adapter ${source.metricSourceRef} of type prometheus${hint}`;
      draft.wrong("QM0217", path, absent);
    }
  }

  private checkRunbook(draft: Draft<RunbookSpec>): void {
    const hooks = this.drafts.Adapter.filter(({ spec }) => spec.type === "webhook");
    const names = hooks.map(({ name }) => name);
    for (const [index, { webhook }] of draft.spec.steps.entries()) {
      if (webhook === undefined || names.includes(webhook.adapter) || this.areSignalsLost())
        continue;
      const hint = didYouMean(webhook.adapter, names);
      const message = `there is no Adapter ${webhook.adapter} of type webhook${hint}`;
      draft.wrong("QM0217", ["steps", index, "webhook", "adapter"], message);
    }
  }

  private checkAlerts(): void {
    const { AlertPolicy, SLO } = this.drafts;
    const used = new Set(SLO.flatMap(({ spec }) => alertPoliciesOf(spec)));
    for (const draft of AlertPolicy) {
      const { conditions, notificationTargets } = draft.spec;
      for (const [index, { conditionRef }] of conditions.entries()) {
        const path = ["conditions", index, "conditionRef"];
        this.name(draft, "AlertCondition", { name: conditionRef, path });
      }
      for (const [index, { targetRef }] of notificationTargets.entries()) {
        const path = ["notificationTargets", index, "targetRef"];
        this.name(draft, "AlertNotificationTarget", { name: targetRef, path });
      }
      if (used.has(draft.name) || SLO.some((slo) => slo.hasLost(["alertPolicies"]))) continue;
      draft.wrongOutside(
        "QM0906",
        ["metadata", "name"],
        "no SLO names it under alertPolicies, so it tells nobody",
      );
    }
  }
}
