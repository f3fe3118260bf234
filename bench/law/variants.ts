import { Verdict } from "../../src/core/verdict.ts";
import { Aimd } from "./aimd.ts";
import { Gradient } from "./gradient.ts";
import { Gradient2 } from "./gradient2.ts";
import type { Law } from "./rig.ts";
import { Vegas } from "./vegas.ts";

/** A peer with its defaults first, then what its tuning may choose from. */
export interface Variant {
  readonly name: string;
  readonly configurations: readonly { readonly label: string; readonly make: () => Law }[];
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
