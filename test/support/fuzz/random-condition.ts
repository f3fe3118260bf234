/** Conditions from one seed: well typed ones, and ones that were damaged. */
import type { ConditionFunctions } from "../../../src/policy/cel/condition-functions.ts";
import type { Random } from "./random.ts";

const NUMBERS = ["0.0", "1.0", "14.4", "0.95", "-3.5", "1e9"];
const WHOLES = ["0", "1", "5", "-7", "9223372036854775807"];
const TEXTS = ['"gold"', '"free"', '""', '"a-1"', '"é"'];
const WINDOWS = ['"30s"', '"5m"', '"1h"', '"1d"'];

/** A condition of the place `guardrail` that compiles, unless it is too large. */
export function randomCondition(random: Random, depth = 4): string {
  return truth(random, depth, []);
}

type Names = readonly string[];

function truth(random: Random, depth: number, names: Names): string {
  if (depth <= 0) return random.pick(["true", "false", `approved("sre")`]);
  const deeper = () => truth(random, depth - 1, names);
  switch (random.below(9)) {
    case 0:
      return `(${deeper()}) && (${deeper()})`;
    case 1:
      return `(${deeper()}) || (${deeper()})`;
    case 2:
      return `!(${deeper()})`;
    case 3:
      return `(${deeper()}) ? (${deeper()}) : (${deeper()})`;
    case 4:
      return names.length < 2 ? loop(random, depth, names) : deeper();
    case 5:
      return ofText(random, names);
    case 6:
      return `${duration(random)} ${comparison(random)} ${duration(random)}`;
    default:
      return `${amount(random, depth, names)} ${comparison(random)} ${amount(random, depth, names)}`;
  }
}

function loop(random: Random, depth: number, names: Names): string {
  const name = names.length === 0 ? "t" : "u";
  const items = Array.from({ length: random.below(4) }, () => random.pick(TEXTS)).join(", ");
  const body = truth(random, depth - 1, [...names, name]);
  // An empty list has no type, so its variable has none.
  const list = items === "" ? '["x"]' : `[${items}]`;
  return `${list}.${random.pick(["exists", "all"])}(${name}, ${body})`;
}

function ofText(random: Random, names: Names): string {
  const text = () => random.pick([...TEXTS, "request.tier", ...names]);
  switch (random.below(4)) {
    case 0:
      return `${text()} in [${text()}, ${text()}]`;
    case 1:
      return `${text()}.${random.pick(["startsWith", "endsWith", "contains"])}(${text()})`;
    case 2:
      return `re2(${text()}, ${random.pick(['"g.*d"', '"(a|b)*-[0-9]"', '"[^x]+"'])})`;
    default:
      return `${text()} ${random.pick(["==", "!=", "<"])} ${text()}`;
  }
}

function amount(random: Random, depth: number, names: Names): string {
  return random.chance(0.3) ? whole(random, depth) : number(random, depth, names);
}

function number(random: Random, depth: number, names: Names): string {
  const window = random.pick(WINDOWS);
  const tenant = random.pick([...TEXTS, ...names]);
  if (depth > 1 && random.chance(0.3)) {
    const [a, b] = [number(random, depth - 1, names), number(random, depth - 1, names)];
    return `(${a} ${random.pick(["+", "-", "*", "/"])} ${b})`;
  }
  return random.pick([
    ...NUMBERS,
    `burn("a", ${window})`,
    `pBurn("a", ${window}, 2)`,
    `rate("queue", ${window})`,
    `share(${tenant})`,
    `siem("abuse").score`,
    "canary.weight",
    "affected.share",
    `-share(${tenant})`,
  ]);
}

function whole(random: Random, depth: number): string {
  if (depth > 1 && random.chance(0.4)) {
    const operator = random.pick(["+", "-", "*", "/", "%"]);
    return `(${whole(random, depth - 1)} ${operator} ${whole(random, depth - 1)})`;
  }
  return random.pick([...WHOLES, "locality.out", `actions.last(${random.pick(WINDOWS)})`]);
}

function duration(random: Random): string {
  return random.pick(['duration("30s")', 'duration("5m")', 'age("queue")', 'age("requests")']);
}

function comparison(random: Random): string {
  return random.pick(["<", "<=", ">", ">=", "==", "!="]);
}

/** Up to three pieces of a text taken out, doubled or replaced. */
export function damaged(random: Random, text: string): string {
  let left = text;
  for (let times = random.below(4); times > 0; times--) {
    const at = random.below(left.length + 1);
    const length = random.below(6);
    const piece = random.pick([
      "",
      left.slice(at, at + length).repeat(2),
      random.pick([
        "(",
        ")",
        '"',
        "[",
        "{",
        "&&",
        ".",
        "matches",
        "1u",
        "b'x'",
        "\\",
        "in",
        "?",
        " ",
      ]),
      random.text(3),
    ]);
    left = left.slice(0, at) + piece + left.slice(at + length);
  }
  return left;
}

/** Answers that depend on the question alone; `blind`: the share that is unknown. */
export function randomAnswers(seed: number, blind: number): ConditionFunctions {
  const draw = (...question: readonly unknown[]) => {
    const value = hash(`${seed} ${question.join(" ")}`) / 2 ** 32;
    return value < blind ? undefined : (value - blind) / (1 - blind);
  };
  const scaled =
    (most: number) =>
    (...question: readonly unknown[]) => {
      const value = draw(...question);
      return value === undefined ? undefined : Math.round(value * most * 8) / 8;
    };
  return {
    burn: scaled(20),
    pBurn: scaled(1),
    evidence: scaled(50),
    pWorse: scaled(1),
    quantile: scaled(2),
    rate: scaled(10),
    share: scaled(1),
    anomaly: scaled(1),
    cost: scaled(1000),
    forecast: scaled(1000),
    headroom: scaled(1),
    disagreement: scaled(1),
    age: scaled(60),
    pAbove: scaled(1),
    siemScore: scaled(1),
    approved: (role) => {
      const value = draw("approved", role);
      return value === undefined ? undefined : value < 0.5;
    },
    actionsLast: (window) => Math.floor((draw("last", window) ?? 0) * 8),
    variable: (name) => {
      const value = draw(name);
      if (value === undefined) return undefined;
      if (name === "request.tier") return value < 0.5 ? "gold" : "free";
      return name === "locality.out" ? Math.floor(value * 4) : Math.round(value * 100);
    },
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state;
}
