import { ORDERED_TYPES, PHASES, type Phase } from "./order.ts";
import type { TypeState } from "./type-state.ts";

export interface PhaseInUse {
  readonly phase: Phase;
  readonly states: readonly TypeState[];
}

/** The types one stream asked for, in the order of a change. */
export class TypeStates {
  private readonly byUrl = new Map<string, TypeState>();
  /** Of `PHASES` those that have types this client asked for, with their states, in order. */
  phases: readonly PhaseInUse[] = [];
  unordered: readonly TypeState[] = [];

  add(state: TypeState): void {
    this.byUrl.set(state.type.typeUrl, state);
    this.unordered = [...this.byUrl.values()].filter(
      (each) => !ORDERED_TYPES.has(each.type.typeUrl),
    );
    this.phases = PHASES.map((phase) => ({ phase, states: this.of(phase.typeUrls) })).filter(
      ({ states }) => states.length > 0,
    );
  }

  has(typeUrl: string): boolean {
    return this.byUrl.has(typeUrl);
  }

  get(typeUrl: string): TypeState | undefined {
    return this.byUrl.get(typeUrl);
  }

  all(): Iterable<TypeState> {
    return this.byUrl.values();
  }

  of(typeUrls: Iterable<string>): TypeState[] {
    return [...typeUrls].map((url) => this.byUrl.get(url)).filter((state) => state !== undefined);
  }
}
