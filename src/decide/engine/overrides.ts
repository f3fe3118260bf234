import type { Override } from "../../policy/intent/override.ts";
import type { ActionInForce } from "../act/action.ts";
import { isPerson, PATIENCE_SECONDS, stepGlass } from "./glass.ts";
import type { News } from "./news.ts";
import type { Order } from "./order.ts";
import type { OverrideState } from "./state.ts";

/**
 * What a person wants for a while, whatever the Policies say: from a document, which is a claim, or by an order, which
 * is not. Each ends by itself; what it held then goes back through the same gates as ever.
 */
export interface OverrideTurn {
  readonly overrides: Readonly<Record<string, OverrideState>>;
  readonly news: readonly News[];
}

export function stepOverrides(
  known: Readonly<Record<string, OverrideState>>,
  written: readonly Override[],
  orders: readonly Order[],
  tick: number,
): OverrideTurn {
  const asked = [
    ...written.flatMap((each) => fromDocument(each, known, tick)),
    ...orders.flatMap((each, at) => fromOrder(each, { tick, at })),
  ];
  const ended = new Set(
    orders.flatMap(({ what }) => (what.kind === "endOverride" ? [what.id] : [])),
  );
  const all = { ...known, ...Object.fromEntries(asked.map((each) => [each.id, each])) };
  const isWritten = (id: string) =>
    !id.startsWith("document/") || asked.some((each) => each.id === id);
  const news: News[] = [];
  const overrides: Record<string, OverrideState> = {};
  for (const each of Object.values(all)) {
    const isNew = known[each.id] === undefined;
    const { override, news: said } = stepGlass(each, orders, { tick, isNew });
    news.push(...said);
    const isOver = tick >= override.untilTick || ended.has(override.id) || !isWritten(override.id);
    // A document that stays longer than its time is not an override any more: it is remembered as used up.
    if (isOver && !(override.id.startsWith("document/") && isWritten(override.id))) {
      news.push(told(override, "end"));
      continue;
    }
    if (isOver && known[override.id] !== undefined && tick === override.untilTick)
      news.push(told(override, "end"));
    if (isNew && override.glass === undefined) news.push(told(override, "override"));
    overrides[override.id] = override;
  }
  return { overrides, news };
}

/** Those that hold at this tick: of one knob those that broke the glass, if any did. */
export function holding(
  overrides: Readonly<Record<string, OverrideState>>,
  tick: number,
): readonly OverrideState[] {
  const now = Object.values(overrides).filter(
    ({ untilTick, glass }) => tick < untilTick && glass?.isBroken !== false,
  );
  const broken = new Set(now.flatMap(({ glass, knob }) => (glass === undefined ? [] : [knob])));
  return now.filter(({ glass, knob }) => glass !== undefined || !broken.has(knob));
}

/** Of one knob that has a single value the later word holds. */
export function newestOn(
  overrides: readonly OverrideState[],
  knob: string,
): OverrideState | undefined {
  return overrides.findLast((each) => each.knob === knob);
}

/** Those that wait for people to agree. */
export function waiting(
  overrides: Readonly<Record<string, OverrideState>>,
  tick: number,
): readonly OverrideState[] {
  return Object.values(overrides).filter(
    ({ untilTick, glass }) => tick < untilTick && glass?.isBroken === false,
  );
}

/** `rateLimit.NAME.factor` as an action; any other knob is read where it matters. */
export function toActions(overrides: readonly OverrideState[]): readonly ActionInForce[] {
  return overrides.flatMap(({ id, knob, value, sinceTick, untilTick }) => {
    const name = /^rateLimit\.(.+)\.factor$/.exec(knob)?.[1];
    if (name === undefined || typeof value !== "number") return [];
    const move = { kind: "rateLimit" as const, name, factor: value, tiers: [] };
    return [
      {
        id,
        knob: `rateLimit/${name}`,
        by: { kind: "Override" as const, name: id },
        class: "safety" as const,
        move,
        sinceTick,
        untilTick,
        isShadow: false,
      },
    ];
  });
}

const CANARY_WEIGHT = "canary.weight";

/** The share of the canary that somebody wants of a Service's Rollout, percent: `canary.weight@SERVICE`. */
export function canaryShareOf(
  overrides: readonly OverrideState[],
  service: string,
): { readonly percent: number; readonly by: string; readonly isBroken: boolean } | undefined {
  const found = newestOn(overrides, `${CANARY_WEIGHT}@${service}`);
  if (found === undefined || typeof found.value !== "number") return undefined;
  const percent = Math.min(100, Math.max(0, found.value));
  return { percent, by: found.by, isBroken: found.glass !== undefined };
}

function fromDocument(
  override: Override,
  known: Readonly<Record<string, OverrideState>>,
  tick: number,
): OverrideState[] {
  return Object.entries(override.set).map(([knob, value]) => {
    const id = `document/${override.name}/${knob}`;
    const service = override.scope.service;
    const asked = {
      id,
      by: `${override.by} (claimed)`,
      reason: override.reason,
      knob: knob === CANARY_WEIGHT && service !== undefined ? `${CANARY_WEIGHT}@${service}` : knob,
      value,
    };
    const before = known[id];
    if (override.breakGlass)
      return agreedBefore(before, asked, override) ?? wait(asked, override, tick, []);
    const sinceTick = before?.glass === undefined ? (before?.sinceTick ?? tick) : tick;
    return { ...asked, sinceTick, untilTick: sinceTick + override.ttlSeconds };
  });
}

type Asked = Pick<OverrideState, "id" | "by" | "reason" | "knob" | "value">;
type Lasting = { readonly ttlSeconds: number };

/** Who agreed, agreed to this and nothing else. */
function agreedBefore(
  before: OverrideState | undefined,
  { value, reason }: Asked,
  { ttlSeconds }: Lasting,
): OverrideState | undefined {
  const isSame =
    before?.value === value && before.reason === reason && before.glass?.ttlSeconds === ttlSeconds;
  return isSame ? before : undefined;
}

function wait(
  asked: Asked,
  { ttlSeconds }: Lasting,
  tick: number,
  agreed: readonly string[],
): OverrideState {
  const untilTick = tick + PATIENCE_SECONDS;
  const glass = { agreed, ttlSeconds, isBroken: false };
  return { ...asked, sinceTick: tick, untilTick, glass };
}

/** `at`: its place among the orders of the tick, which makes its id its own. */
function fromOrder(order: Order, { tick, at }: { tick: number; at: number }): OverrideState[] {
  const { what, by, reason = "" } = order;
  if (what.kind !== "override") return [];
  const { knob, value, ttlSeconds, breakGlass } = what;
  const name = at === 0 ? tick.toString(36) : `${tick.toString(36)}-${at}`;
  const asked = { id: `order/${name}/${knob}`, by, reason, knob, value };
  if (breakGlass === true) return [wait(asked, what, tick, isPerson(order) ? [by] : [])];
  return [{ ...asked, sinceTick: tick, untilTick: tick + ttlSeconds }];
}

function told(override: OverrideState, verdict: "override" | "end"): News {
  const { id, by, reason, knob, value, sinceTick, untilTick, glass } = override;
  const held = `${knob} is ${verdict === "end" ? "no longer held" : "held"} at ${value} for ${untilTick - sinceTick} s: ${reason}.`;
  const unheard = `Nobody broke the glass for ${knob} at ${value}: ${reason}.`;
  return {
    kind: "override",
    subject: { kind: "Override", name: id.split("/")[1] ?? id },
    actor: by,
    body: { verdict, because: [glass?.isBroken === false ? unheard : held] },
  };
}
