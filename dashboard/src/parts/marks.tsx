import { timeOfDay } from "../format.ts";
import { decided } from "../state/decided.ts";
import { live } from "../state/live.ts";
import { go } from "../state/place.ts";

/** What automation, people and the filter did, as marks on a chart: a letter each, and why in one click. */
export interface Mark {
  /** Seconds of Unix time. */
  readonly at: number;
  readonly kind: keyof typeof MARKS;
  readonly text: string;
  readonly decision: string;
}

const MARKS = {
  rollout: { sign: "R", name: "rollout", row: 0 },
  action: { sign: "A", name: "action", row: 0 },
  override: { sign: "O", name: "override", row: 1 },
  freeze: { sign: "F", name: "freeze", row: 1 },
  shed: { sign: "S", name: "shedding", row: 2 },
} as const;
const ROWS = [0, 1, 2] as const;

/** Of everything decided; and how the one Shedding was judged, if there is one. */
export function marksOf(shedding?: string): readonly Mark[] {
  const done = decided.value.flatMap((each): Mark[] => {
    const kind = kindOf(each.kind, each.subject.kind);
    // What changed nothing moved no line.
    if (kind === undefined || each.verdict === "hold") return [];
    const text = `${each.subject.kind} ${each.subject.name}: ${each.verdict}`;
    return [{ at: Date.parse(each.at) / 1000, kind, text, decision: each.id }];
  });
  const judged = (live.judgements.value ?? [])
    .filter((each) => each.shedding === shedding)
    .map(({ id, at, node, to }): Mark => {
      const text = `${shedding} on ${node}: ${to}`;
      return { at: Date.parse(at) / 1000, kind: "shed", text, decision: id };
    });
  return [...done, ...judged].sort((a, b) => a.at - b.at);
}

/** Undefined: it moved nothing that a chart shows. */
export function kindOf(kind: string, subject: string): Mark["kind"] | undefined {
  if (kind === "override" || kind === "freeze") return kind;
  if (kind !== "decision" && kind !== "action") return undefined;
  return subject === "Rollout" ? "rollout" : "action";
}

/** Marks of a row nearer than this share of the chart stand as one, with their number. */
const NEAR = 0.05;

interface Laid {
  /** Oldest first, never empty. */
  readonly marks: readonly Mark[];
  /** Of the width of the plot. */
  readonly share: number;
  /** From the top, without empty ones. */
  readonly row: number;
}

/** Pure: where the marks stand on a chart that ends at `to`. */
export function layMarks(
  marks: readonly Mark[],
  { to, seconds }: { readonly to: number; readonly seconds: number },
): readonly Laid[] {
  const shareOf = ({ at }: Mark) => 1 - (to - at) / seconds;
  const inSight = marks.filter((each) => shareOf(each) >= 0 && shareOf(each) <= 1);
  const used = ROWS.filter((row) => inSight.some(({ kind }) => MARKS[kind].row === row));
  return used.flatMap((row, at) => {
    const own = inSight.filter(({ kind }) => MARKS[kind].row === row);
    return near(own, shareOf).map((group) => ({
      ...{ marks: group, share: shareOf(group[0] as Mark), row: at },
    }));
  });
}

function near(marks: readonly Mark[], shareOf: (mark: Mark) => number): readonly Mark[][] {
  const groups: Mark[][] = [];
  for (const mark of marks) {
    const [first] = groups.at(-1) ?? [];
    if (first !== undefined && shareOf(mark) - shareOf(first) < NEAR) groups.at(-1)?.push(mark);
    else groups.push([mark]);
  }
  return groups;
}

/** Height of a row of marks, pixels. */
export const MARK_ROW = 20;

/** Where the plot of a chart is in its figure, pixels. */
export interface PlotPlace {
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
}

/** Above the plot, each with a line down through it. */
export function Marks({
  laid,
  plot,
}: {
  readonly laid: readonly Laid[];
  readonly plot: PlotPlace;
}) {
  return (
    <div class="marks" style={{ left: `${plot.left}px`, width: `${plot.width}px` }}>
      {laid.map(({ marks, share, row }) => {
        const newest = marks.at(-1) as Mark;
        const sign = marks.length > 1 ? marks.length : MARKS[newest.kind].sign;
        const lines = marks.map(({ at, text }) => `${timeOf(at)} ${text}`);
        const top = row * MARK_ROW;
        return (
          <button
            type="button"
            key={`${row} ${marks[0]?.decision}`}
            class={`mark row-${MARKS[newest.kind].row}`}
            style={{
              left: `${100 * share}%`,
              top: `${top}px`,
              "--drop": `${Math.max(0, plot.bottom - top - MARK_ROW)}px`,
            }}
            title={lines.join("\n")}
            aria-label={`${sign}: why ${lines.at(-1)}`}
            onClick={() => go({ decision: newest.decision })}
          >
            {sign}
          </button>
        );
      })}
    </div>
  );
}

function timeOf(seconds: number): string {
  return timeOfDay(new Date(seconds * 1000));
}

/** What the letters mean. */
export function MarkKey() {
  return (
    <p class="key">
      Marks:
      {Object.values(MARKS).map(({ sign, name }) => (
        <span key={sign}>
          <b class="sign">{sign}</b>
          {name}
        </span>
      ))}
      <span>a number: several; click for why</span>
    </p>
  );
}
