import { Verdict } from "../../src/core/verdict.ts";
import { Aimd } from "./aimd.ts";
import { Bbr } from "./bbr.ts";
import { Cinnamon } from "./cinnamon.ts";
import { Gradient } from "./gradient.ts";
import { Gradient2 } from "./gradient2.ts";
import type { Law } from "./law.ts";
import type { Setup } from "./setup.ts";
import { Vegas } from "./vegas.ts";

/** A peer with its defaults first, then what its tuning may choose from. */
export interface Variant {
  readonly name: string;
  readonly configurations: readonly Configuration[];
}

export interface Configuration {
  readonly label: string;
  readonly make: (setup: Setup) => Law;
}

const NONE: Law = {
  limit: Number.POSITIVE_INFINITY,
  admit: () => Verdict.Admit,
  offered: () => undefined,
  tick: () => undefined,
};

export const VARIANTS: readonly Variant[] = [
  { name: "none", configurations: [{ label: "", make: () => NONE }] },
  gradient("Envoy gradient", true),
  gradient("Envoy gradient, un-pinned", false),
  {
    name: "Gradient2",
    configurations: [1.5, 2].flatMap((tolerance) =>
      [20, 64, 200].map((initial) => ({
        label: `tolerance ${tolerance}, initial ${initial}`,
        make: () => new Gradient2({ tolerance, initial }),
      })),
    ),
  },
  started("Vegas", (initial) => new Vegas({ initial })),
  started("AIMD", (initial) => new Aimd({ initial })),
  cinnamon(),
  {
    name: "BBR",
    configurations: [0.8, 0.95].flatMap((threshold) =>
      [0.95, 0.5].flatMap((decay) =>
        [10_000, 3000].map((windowMs) => ({
          label: `busy ${threshold * 100} %, decay ${decay}, window ${windowMs / 1000} s`,
          make: () => new Bbr({ threshold, decay, windowMs }),
        })),
      ),
    ),
  },
];

function gradient(name: string, pinned: boolean): Variant {
  const configurations = [0.5, 0.9].flatMap((percentile) =>
    [0.25, 0.5, 1, 2].map((buffer) => ({
      label: `p${percentile * 100}, buffer ${buffer * 100} %`,
      make: () => new Gradient({ percentile, buffer, pinned }),
    })),
  );
  return { name, configurations };
}

function started(name: string, make: (initial: number) => Law): Variant {
  const configurations = [20, 64, 200].map((initial) => ({
    label: `initial ${initial}`,
    make: () => make(initial),
  }));
  return { name, configurations };
}

/** Where the start is not published, the one of its closest open relative comes first. */
function cinnamon(): Variant {
  const configurations = [
    { kp: 0.1, ki: 1.4 },
    { kp: 0.2, ki: 0.5 },
  ].flatMap(({ kp, ki }) =>
    [20, 64, 200].flatMap((initial) =>
      [3, 10].map((part) => ({
        label: `gains ${kp} and ${ki}, initial ${initial}, waits 1/${part} of the deadline`,
        make: ({ deadlineMs: [, most] }: Setup) =>
          new Cinnamon({ kp, ki, initial, holdMs: most / part }),
      })),
    ),
  );
  return { name: "Cinnamon-like", configurations };
}
