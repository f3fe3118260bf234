import type { Override } from "../../policy/automation.ts";
import type { ActionInForce } from "../act/action.ts";
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
    ...orders.flatMap((each) => fromOrder(each, tick)),
  ];
  const ended = new Set(
    orders.flatMap(({ what }) => (what.kind === "endOverride" ? [what.id] : [])),
  );
  const all = { ...known, ...Object.fromEntries(asked.map((each) => [each.id, each])) };
  const isWritten = (id: string) =>
    !id.startsWith("document/") || asked.some((each) => each.id === id);
  const news: News[] = [];
  const overrides: Record<string, OverrideState> = {};
  for (const override of Object.values(all)) {
    const isNew = known[override.id] === undefined;
    const isOver = tick >= override.untilTick || ended.has(override.id) || !isWritten(override.id);
    // A document that stays longer than its time is not an override any more: it is remembered as used up.
    if (isOver && !(override.id.startsWith("document/") && isWritten(override.id))) {
      news.push(told(override, "end"));
      continue;
    }
    if (isOver && known[override.id] !== undefined && tick === override.untilTick)
      news.push(told(override, "end"));
    if (isNew) news.push(told(override, "override"));
    overrides[override.id] = override;
  }
  return { overrides, news };
}

/** Those that hold at this tick. */
export function holding(
  overrides: Readonly<Record<string, OverrideState>>,
  tick: number,
): readonly OverrideState[] {
  return Object.values(overrides).filter(({ untilTick }) => tick < untilTick);
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
): { readonly percent: number; readonly by: string } | undefined {
  const found = overrides.find(({ knob }) => knob === `${CANARY_WEIGHT}@${service}`);
  if (found === undefined || typeof found.value !== "number") return undefined;
  return { percent: Math.min(100, Math.max(0, found.value)), by: found.by };
}

function fromDocument(
  override: Override,
  known: Readonly<Record<string, OverrideState>>,
  tick: number,
): OverrideState[] {
  return Object.entries(override.set).map(([knob, value]) => {
    const id = `document/${override.name}/${knob}`;
    const service = override.scope.service;
    const sinceTick = known[id]?.sinceTick ?? tick;
    return {
      id,
      by: `${override.by} (claimed)`,
      reason: override.reason,
      knob: knob === CANARY_WEIGHT && service !== undefined ? `${CANARY_WEIGHT}@${service}` : knob,
      value,
      sinceTick,
      untilTick: sinceTick + override.ttlSeconds,
    };
  });
}

function fromOrder({ what, by, reason = "" }: Order, tick: number): OverrideState[] {
  if (what.kind !== "override") return [];
  const { knob, value, ttlSeconds } = what;
  return [
    {
      id: `order/${tick.toString(36)}/${knob}`,
      by,
      reason,
      knob,
      value,
      sinceTick: tick,
      untilTick: tick + ttlSeconds,
    },
  ];
}

function told(
  { id, by, reason, knob, value, sinceTick, untilTick }: OverrideState,
  verdict: string,
): News {
  const name = id.split("/")[1] ?? id;
  return {
    kind: "override",
    subject: { kind: "Override", name },
    actor: by,
    body: {
      verdict,
      because: [
        `${knob} is ${verdict === "end" ? "no longer" : ""} held at ${value} for ${untilTick - sinceTick} s: ${reason}.`.replace(
          "is  ",
          "is ",
        ),
      ],
    },
  };
}
