import { ArmCounts, addCounts, NO_COUNTS } from "./arm-counts.ts";
import { type Arm, type Counts, OTHERS, PARTS, type Part } from "./evidence.ts";
import { LONG_GRAINS, SHORT_GRAINS } from "./rings.ts";

/**
 * The arms of one service. Names come from requests, so their number is bounded for each part: who comes when all places are
 * taken falls under `(others)`, until one has been silent for ten minutes. Nobody drives a known name out by inventing new ones.
 */
const MOST: Readonly<Record<Part, number>> = {
  version: 16,
  locality: 32,
  endpoint: 64,
  tier: 16,
  tenant: 64,
  source: 4,
  cohort: 64,
  account: 64,
};
const IDLE_SECONDS = 600;

/** Places for parts other than versions, of all services together: 31 KB each once it has times. */
export class Room {
  left = 8192;
}

export class ServiceBook {
  readonly #arms: Readonly<Record<Part, Map<string, ArmCounts>>> = {
    version: new Map(),
    locality: new Map(),
    endpoint: new Map(),
    tier: new Map(),
    tenant: new Map(),
    source: new Map(),
    cohort: new Map(),
    account: new Map(),
  };

  constructor(
    private readonly service: string,
    private readonly room: Room,
  ) {}

  /** Undefined: the arm names no part, or more than one. `isOther`: it found no place of its own. */
  place(
    arm: Arm,
    tick: number,
  ): { readonly arm: ArmCounts; readonly isOther: boolean } | undefined {
    const part = partOf(arm);
    const name = part && arm[part];
    if (part === undefined || name === undefined) return undefined;
    const arms = this.#arms[part];
    const known = arms.get(name);
    if (known !== undefined) return { arm: known, isOther: name === OTHERS };
    const isFull = () => arms.size >= MOST[part] || (part !== "version" && this.room.left <= 0);
    if (isFull()) this.#dropIdle(part, tick);
    const isOther = isFull();
    return { arm: this.#add(part, isOther ? OTHERS : name, tick), isOther };
  }

  #dropIdle(part: Part, tick: number): void {
    const arms = this.#arms[part];
    for (const [name, { heardTick }] of arms) {
      if (tick - heardTick < IDLE_SECONDS) continue;
      arms.delete(name);
      if (part !== "version") this.room.left += 1;
      return;
    }
  }

  #add(part: Part, name: string, tick: number): ArmCounts {
    const arms = this.#arms[part];
    const known = arms.get(name);
    if (known !== undefined) return known;
    if (part !== "version") this.room.left -= 1;
    const isLong = part === "version" || part === "account";
    const grains = isLong ? LONG_GRAINS : SHORT_GRAINS;
    const added = new ArmCounts({ service: this.service, [part]: name }, grains, tick);
    arms.set(name, added);
    return added;
  }

  *all(): Iterable<ArmCounts> {
    for (const part of PARTS) yield* this.#arms[part].values();
  }

  names(part: Part): readonly string[] {
    return [...this.#arms[part].keys()].sort();
  }

  counts(arm: Arm, tick: number, seconds: number): Counts {
    const [first, ...more] = this.#matching(arm).map((each) => each.counts(tick, seconds));
    return more.reduce(addCounts, first ?? NO_COUNTS);
  }

  /** -Infinity: never. */
  heardTick(arm: Arm): number {
    return Math.max(...this.#matching(arm).map(({ heardTick }) => heardTick));
  }

  /** Versions make the whole of a service; other parts are views of the same requests. */
  #matching(arm: Arm): readonly ArmCounts[] {
    const parts = namedBy(arm);
    if (parts.length === 0) return [...this.#arms.version.values()];
    const [part] = parts;
    const found = part && parts.length === 1 ? this.#arms[part].get(arm[part] ?? "") : undefined;
    return found === undefined ? [] : [found];
  }
}

function partOf(arm: Arm): Part | undefined {
  const parts = namedBy(arm);
  return parts.length === 1 ? parts[0] : undefined;
}

/** A loop, since it is asked some ten thousand times a second. */
function namedBy(arm: Arm): readonly Part[] {
  const parts: Part[] = [];
  for (const part of PARTS) if (arm[part] !== undefined) parts.push(part);
  return parts;
}
