import { type KnobRules, RELEASED, turnKnob } from "../../src/decide/stability.ts";
import { Random } from "../law/random.ts";
import { type Line, note } from "./canary-experiments.ts";

interface Controller {
  /** Share to shed in a second; `offered` in multiples of capacity, `backlog` in seconds of it. */
  shed(offered: number, second: number, backlog: number): number;
  /** Seconds of the moves of the control plane; what the filter does by itself is none. */
  readonly moves: readonly number[];
}

const RULES: KnobRules = {
  class: "reliability",
  minIntervalSeconds: 60,
  budgetPerHour: 5,
  deadband: 0.02,
  maxTighten: 1,
  maxRelease: 1,
};
const QUIET_SECONDS = 900;

/** The control plane grants the filter a bound; inside it the filter sheds what is too much, a second late. */
class WithFilter implements Controller {
  readonly moves: number[] = [];
  private knob = RELEASED;
  private needed = 0;
  private neededAt = -QUIET_SECONDS;

  shed(offered: number, second: number, backlog: number): number {
    const share = Math.min(this.knob.value, this.needed);
    // As its law does: what waits counts as too much as well.
    this.needed = Math.max(0, 1 - (1 - 0.1 * backlog) / offered);
    if (this.needed > 0.02) this.neededAt = second;
    const turn = turnKnob(this.knob, second - this.neededAt < QUIET_SECONDS ? 1 : 0, second, RULES);
    if (turn.hasMoved) this.moves.push(second);
    this.knob = turn.knob;
    return share;
  }
}

/** The same without a filter: the control plane sheds by itself, by the most needed in the last minutes. */
class Alone implements Controller {
  readonly moves: number[] = [];
  private knob = RELEASED;
  private readonly recent: number[] = [];

  shed(offered: number, second: number): number {
    const share = this.knob.value;
    this.recent.push(Math.max(0, 1 - 1 / offered));
    if (this.recent.length > 300) this.recent.shift();
    const last = this.recent.slice(-10);
    const now = last.reduce((sum, each) => sum + each, 0) / last.length;
    const most = Math.max(...this.recent);
    const wish = now > share ? Math.min(1, now * 1.2) : Math.min(most, share);
    const turn = turnKnob(this.knob, wish, second, RULES);
    if (turn.hasMoved) this.moves.push(second);
    this.knob = turn.knob;
    return share;
  }
}

/** Sheds 30 % while the last 10 s were above `enter`, until they are below `exit` times capacity. */
class Threshold implements Controller {
  readonly moves: number[] = [];
  private isOn = false;
  private readonly recent: number[] = [];

  constructor(
    private readonly enter: number,
    private readonly exit: number,
  ) {}

  shed(offered: number, second: number): number {
    const share = this.isOn ? 0.3 : 0;
    this.recent.push(offered * (1 - share));
    if (this.recent.length > 10) this.recent.shift();
    if (second % 10 === 0) {
      const mean = this.recent.reduce((sum, each) => sum + each, 0) / this.recent.length;
      const isOn = mean > (this.isOn ? this.exit : this.enter);
      if (isOn !== this.isOn) this.moves.push(second);
      this.isOn = isOn;
    }
    return share;
  }
}

const LOADS: Readonly<Record<string, (second: number) => number>> = {
  "flat 0.9": () => 0.9,
  "step to 1.3 for 30 min": (second) => (second % 7200 >= 3600 && second % 7200 < 5400 ? 1.3 : 0.7),
  "saw 0.6-1.4 in 10 min": (second) => 0.6 + 0.8 * ((second % 600) / 600),
  "day with spikes": (second) =>
    0.75 + 0.3 * Math.sin((2 * Math.PI * second) / 86_400) + (second % 5000 < 240 ? 0.5 : 0),
};

const HOURS = 24;

/** E7. Columns: ours with the filter, ours without, hysteresis, one threshold. */
export function toggles(seeds: number, firstSeed: number): Line[] {
  return Object.entries(LOADS).map(([name, load]) => {
    note(`toggles ${name}`);
    const makes: readonly (() => Controller)[] = [
      () => new WithFilter(),
      () => new Alone(),
      () => new Threshold(1, 0.75),
      () => new Threshold(1, 1),
    ];
    const figures = makes.map((make) => worstOf(load, make, seeds, firstSeed));
    const [own] = figures;
    const isMet = own!.worstHour < 6 && own!.overload <= 0.02 && own!.ratio <= 1.25;
    return {
      cells: [
        `${name}: moves in the worst hour, time overloaded, shed / oracle`,
        "< 6, <= 2 %, <= 1.25",
        ...figures.map(
          ({ worstHour, overload, ratio }) =>
            `${worstHour}, ${(100 * overload).toFixed(1)} %, ${Number.isFinite(ratio) ? ratio.toFixed(2) : "-"}`,
        ),
      ],
      isMet,
    };
  });
}

interface Figures {
  readonly worstHour: number;
  readonly overload: number;
  /** Shed through what had to be; 1 where nothing had to be and nothing was. */
  readonly ratio: number;
}

function worstOf(
  load: (second: number) => number,
  make: () => Controller,
  seeds: number,
  firstSeed: number,
): Figures {
  const all = Array.from({ length: seeds }, (_, at) =>
    run(load, make(), new Random(firstSeed + at)),
  );
  return {
    worstHour: Math.max(...all.map(({ worstHour }) => worstHour)),
    overload: Math.max(...all.map(({ overload }) => overload)),
    ratio: Math.max(...all.map(({ ratio }) => ratio)),
  };
}

function run(load: (second: number) => number, controller: Controller, random: Random): Figures {
  let [backlog, overloaded, shed, oracle] = [0, 0, 0, 0];
  const seconds = HOURS * 3600;
  for (let second = 0; second < seconds; second++) {
    const offered = load(second) * Math.exp(0.03 * random.normal());
    const share = controller.shed(offered, second, backlog);
    shed += offered * share;
    oracle += Math.max(0, offered - 1);
    backlog = Math.max(0, backlog + offered * (1 - share) - 1);
    if (backlog > 1) overloaded++;
    // Clients give up after 5 s.
    backlog = Math.min(backlog, 5);
  }
  const ratio =
    oracle < 1e-3 * seconds
      ? shed < 1e-3 * seconds
        ? 1
        : Number.POSITIVE_INFINITY
      : shed / oracle;
  return { worstHour: worstHour(controller.moves), overload: overloaded / seconds, ratio };
}

function worstHour(moves: readonly number[]): number {
  let most = 0;
  let from = 0;
  moves.forEach((second, at) => {
    while (second - moves[from]! >= 3600) from++;
    most = Math.max(most, at - from + 1);
  });
  return most;
}
