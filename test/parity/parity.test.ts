import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { uniform } from "../../src/cli/demo/random.ts";
import { Elasticity } from "../../src/core/elasticity.ts";
import { FairShare } from "../../src/core/fair-share.ts";
import { cohortOf, HASH_SEED, hashByte } from "../../src/core/hash.ts";
import { ConcurrencyLimit } from "../../src/core/limit.ts";
import { OutboundShed } from "../../src/core/outbound-shed.ts";
import { Peak } from "../../src/core/peak.ts";
import { Request } from "../../src/core/request.ts";
import { Shed } from "../../src/core/shed.ts";
import { Threshold } from "../../src/core/threshold.ts";
import { TokenBucket } from "../../src/core/token-bucket.ts";
import { Window } from "../../src/core/window.ts";
import { projectRoot } from "../support/project-root.ts";

/** One seed a test run would hide a bad one for ever; this one is printed. */
const SEED = Number(process.env.QMESH_SEED ?? Math.floor(performance.timeOrigin) % 2147483647);
const INPUTS = 1_000_000;

type Flat = Record<string, (...args: number[]) => number>;

async function loadWasm(): Promise<Flat> {
  const bytes = readFileSync(join(projectRoot, "build/parity.wasm"));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  (instance.exports._initialize as () => void)();
  return instance.exports as unknown as Flat;
}

/** The same flat calls on the tsc build. */
function tscBuild(): Flat {
  const shed = new Shed();
  const limit = new ConcurrencyLimit();
  const window = new Window();
  const peak = new Peak();
  const elasticity = new Elasticity();
  const levels = new Threshold();
  const tenants = new FairShare();
  const bucket = new TokenBucket();
  const outbound = new OutboundShed();
  const request = new Request();
  const bool = (value: boolean) => (value ? 1 : 0);
  return {
    Shed_setBounds: (min, max, initial) => void shed.setBounds(min!, max!, initial!) as never,
    Shed_setTiers: (count) => void shed.setTiers(count!) as never,
    Shed_limit: () => shed.limit,
    Shed_baselineRttMs: () => shed.baselineRttMs,
    Shed_isSaturated: () => bool(shed.isSaturated),
    Shed_gate: (tier) => shed.gate(tier!),
    Shed_recall: (value, baseline) => void shed.recall(value!, baseline!) as never,
    Shed_threshold: () => shed.threshold,
    Shed_offered: (tier, total) => void shed.offered(tier!, total!) as never,
    Shed_admit: (tier, cohort, attempt, deadlineMs, tenant, weight, inflight) => {
      Object.assign(request, { tier, cohort, attempt, deadlineMs, tenant, weight });
      return shed.admit(request, inflight!);
    },
    Shed_marginalTier: () => shed.marginalTier,
    Shed_overload: () => shed.overload,
    OutboundShed_setTiers: (count) => void outbound.setTiers(count!) as never,
    OutboundShed_threshold: () => outbound.threshold,
    OutboundShed_offered: (tier, total) => void outbound.offered(tier!, total!) as never,
    OutboundShed_sheds: (tier, load) => void outbound.sheds(tier!, load!) as never,
    OutboundShed_admit: (tier, cohort, tenant, weight) => {
      Object.assign(request, { tier, cohort, tenant, weight });
      return outbound.admit(request);
    },
    OutboundShed_tick: (a, b, c, d, e) => void outbound.tick(a!, b!, c!, d!, e!) as never,
    Shed_tick: (a, b, c, d, e, f, g) => void shed.tick(a!, b!, c!, d!, e!, f!, g!) as never,
    ConcurrencyLimit_setBounds: (min, max, initial) =>
      void limit.setBounds(min!, max!, initial!) as never,
    ConcurrencyLimit_isSaturated: () => bool(limit.isSaturated),
    ConcurrencyLimit_observe: (a, b, c, d, e, f, g) => {
      limit.observe(a!, b!, c!, d!, e!, f!, g!);
      return limit.value;
    },
    Window_close: (a, b, c, d, e, f) => bool(window.close(a!, b!, c!, d!, e!, f!)),
    Peak_push: (value) => void peak.push(value!) as never,
    Peak_reset: (value) => void peak.reset(value!) as never,
    Peak_value: () => peak.value,
    ConcurrencyLimit_recall: (value, baseline) => void limit.recall(value!, baseline!) as never,
    ConcurrencyLimit_isSettled: () => bool(limit.isSettled),
    ConcurrencyLimit_windowMs: () => limit.windowMs,
    ConcurrencyLimit_work: () => limit.work,
    Elasticity_swing: (now) => elasticity.swing(now!),
    Elasticity_observe: (now, elapsed, ended) => {
      elasticity.observe(now!, elapsed!, ended!);
      return elasticity.boost;
    },
    Elasticity_doubt: () => void elasticity.doubt() as never,
    Elasticity_rest: () => void elasticity.rest() as never,
    Threshold_position: (tier, cohort) => levels.position(tier!, cohort!),
    Threshold_setTiers: (count) => void levels.setTiers(count!) as never,
    Threshold_offered: (tier, total) => void levels.offered(tier!, total!) as never,
    Threshold_close: (windowMs, throughput, isSaturated) => {
      levels.close(windowMs!, throughput!, isSaturated !== 0);
      return levels.value;
    },
    Threshold_tierIndex: (tier) => levels.tierIndex(tier!),
    Threshold_marginalTier: () => levels.marginalTier,
    Threshold_marginalShare: () => levels.marginalShare,
    FairShare_count: (tenant, weight) => tenants.count(tenant!, weight!),
    FairShare_tick: (share) => void tenants.tick(share!) as never,
    TokenBucket_take: (now, wanted, fill, burst) => bool(bucket.take(now!, wanted!, fill!, burst!)),
    TokenBucket_waitMs: (wanted, fill) => bucket.waitMs(wanted!, fill!),
    TokenBucket_tokens: () => bucket.tokens,
    hash_hashByte: (hash, byte) => hashByte(hash!, byte!),
    hash_cohortOf: (hash) => cohortOf(hash!),
  };
}

/** Numbers a host could hand over: mostly sane, sometimes anything. */
function odd(next: () => number, sane: number): number {
  const u = next();
  if (u > 0.004) return sane;
  const strange = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -1,
    0,
    -0,
    2 ** 53,
    1e300,
    1e-300,
  ];
  return strange[Math.floor(next() * strange.length)] ?? 0;
}

/** 60 tenants, so that they come again; now and then one of a huge number. */
function tenantOf(next: () => number): number {
  if (next() < 0.1) return Math.floor(next() * 2 ** 32) - 2 ** 31;
  return Math.floor(next() * 60) * 7919 - 200_000;
}

function requestArguments(next: () => number): number[] {
  return [
    odd(next, Math.floor(next() * 9) - 1),
    odd(next, Math.floor(next() * 64) / 64),
    odd(next, next() < 0.8 ? 1 : Math.floor(next() * 4)),
    odd(next, next() < 0.8 ? 0 : next() * 60),
    next() < 0.5 ? 0 : tenantOf(next),
    odd(next, 1 + Math.floor(next() * 3)),
    odd(next, Math.floor(next() * 100)),
  ];
}

describe("parity of the core in V8 and in Wasm", () => {
  it(`gives the same bits on ${INPUTS} seeded inputs (seed ${SEED})`, async () => {
    const wasm = await loadWasm();
    const v8 = tscBuild();
    wasm.reset?.();
    const next = uniform(SEED);
    const totals = [0, 0, 0, 0, 0];
    const offered: number[] = [];
    let nowMs = 0;
    let inputs = 0;
    const both = (name: string, ...args: number[]) => {
      inputs += args.length;
      const [a, b] = [v8[name]?.(...args), wasm[name]?.(...args)];
      assert.ok(
        Object.is(a, b),
        `${name}(${args.join(", ")}) after ${inputs} inputs, seed ${SEED}: V8 ${a}, Wasm ${b}`,
      );
    };
    both("Shed_setTiers", 3);
    while (inputs < INPUTS) {
      nowMs += 20 + next() * 180;
      for (const index of totals.keys())
        totals[index] =
          (totals[index] ?? 0) + Math.floor(next() * 60) * (index === 4 ? 20 * next() : 1);
      const tick = [nowMs, ...totals, next() * 80].map((value) => odd(next, value));
      for (let tier = 0; tier < 4; tier++) {
        offered[tier] = (offered[tier] ?? 0) + Math.floor(next() * 40);
        both("Shed_offered", odd(next, tier), odd(next, offered[tier] ?? 0));
        both("Threshold_offered", odd(next, tier), odd(next, offered[tier] ?? 0));
        both("OutboundShed_offered", odd(next, tier), odd(next, offered[tier] ?? 0));
      }
      both("Shed_tick", ...tick);
      both("OutboundShed_tick", ...tick.slice(0, 5));
      both("OutboundShed_sheds", odd(next, Math.floor(next() * 4)), odd(next, next() * 3));
      both(
        "Threshold_close",
        odd(next, 20 + next() * 400),
        odd(next, next()),
        next() < 0.7 ? 1 : 0,
      );
      both("Elasticity_swing", nowMs);
      both("Elasticity_observe", odd(next, nowMs), odd(next, next() * 200), odd(next, next() * 90));
      both("Threshold_tierIndex", odd(next, Math.floor(next() * 9) - 1));
      both("Threshold_position", odd(next, Math.floor(next() * 9)), next());
      if (next() < 0.02) both("Elasticity_doubt");
      if (next() < 0.02) both("Elasticity_rest");
      both("FairShare_tick", odd(next, next() * 1.2));
      both("ConcurrencyLimit_observe", ...tick);
      both("Window_close", ...tick.slice(0, 6));
      both("Peak_push", odd(next, next() * 1000));
      if (next() < 0.02) both("Peak_reset", next() * 100);
      if (next() < 0.02) {
        const [min, max] = [1 + Math.floor(next() * 50), 50 + Math.floor(next() * 1000)];
        both("Shed_setBounds", min, max, min);
        both("ConcurrencyLimit_setBounds", min, max, max);
        both("Shed_recall", odd(next, next() * 100), odd(next, next() * 50));
        both("ConcurrencyLimit_recall", odd(next, next() * 100), odd(next, next() * 50));
        both("Threshold_setTiers", 1 + Math.floor(next() * 8));
        both("Shed_setTiers", odd(next, Math.floor(next() * 10)));
        both("OutboundShed_setTiers", odd(next, Math.floor(next() * 10)));
      }
      for (const name of [
        "Shed_limit",
        "Shed_baselineRttMs",
        "Shed_isSaturated",
        "ConcurrencyLimit_isSaturated",
        "Peak_value",
        "Shed_threshold",
        "Shed_marginalTier",
        "Shed_overload",
        "OutboundShed_threshold",
        "ConcurrencyLimit_isSettled",
        "ConcurrencyLimit_windowMs",
        "ConcurrencyLimit_work",
        "Threshold_marginalTier",
        "Threshold_marginalShare",
      ])
        both(name);
      for (let i = 0; i < 8; i++) both("Shed_admit", ...requestArguments(next));
      for (let i = 0; i < 4; i++) {
        const [tier, cohort, , , tenant, weight] = requestArguments(next);
        both("OutboundShed_admit", tier!, cohort!, tenant!, weight!);
      }
      for (let i = 0; i < 4; i++)
        both("FairShare_count", tenantOf(next), odd(next, 1 + Math.floor(next() * 3)));
      const fillRps = odd(next, next() * 100);
      both("TokenBucket_take", odd(next, nowMs), odd(next, 1), fillRps, odd(next, 1 + next() * 30));
      both("TokenBucket_waitMs", odd(next, next() * 40), fillRps);
      both("TokenBucket_tokens");
      const hash = next() < 0.5 ? HASH_SEED : Math.floor(next() * 2 ** 32) - 2 ** 31;
      both("hash_hashByte", hash, Math.floor(next() * 256));
      both("hash_cohortOf", hash);
      both("Shed_gate", odd(next, Math.floor(next() * 9) - 1));
    }
    assert.ok(inputs >= INPUTS);
  });

  it("reaches every public method of every class of src/core", async () => {
    const wasm = await loadWasm();
    const folder = join(projectRoot, "src/core");
    const names = readdirSync(folder)
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
      .flatMap((file) => publicMethods(readFileSync(join(folder, file), "utf8")));
    assert.ok(names.length >= 10, `only ${names.length} methods found`);
    assert.deepEqual(
      names.filter((name) => wasm[name] === undefined),
      [],
    );
  });
});

/** `Class_method` of every method and getter that is not private; fields are read through them. */
function publicMethods(source: string): string[] {
  return [...source.matchAll(/export class (\w+) \{([\s\S]*?)\n\}/g)].flatMap(
    ([, name, body = ""]) =>
      [...body.matchAll(/^ {2}(?:get )?(\w+)\(/gm)]
        .map((match) => match[1])
        .filter((method) => method !== "constructor")
        .map((method) => `${name}_${method}`),
  );
}
