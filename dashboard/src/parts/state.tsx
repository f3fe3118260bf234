import { Icon, type IconName } from "./icon.tsx";

/** A state is always a word, a sign and a colour together. */
export type Tone = "good" | "bad" | "warn" | "info" | "idle";

const SIGNS: Readonly<Record<string, readonly [Tone, IconName]>> = {
  SYNCED: ["good", "ok"],
  STALE: ["warn", "wait"],
  "NOT SENT": ["idle", "off"],
  REJECTED: ["bad", "bad"],
  ok: ["good", "ok"],
  late: ["warn", "wait"],
  blind: ["bad", "eye"],
  healthy: ["good", "ok"],
  idle: ["idle", "off"],
  saturated: ["warn", "warn"],
  failing: ["bad", "bad"],
  met: ["good", "ok"],
  "at risk": ["warn", "warn"],
  spent: ["bad", "bad"],
  unknown: ["idle", "off"],
  progressing: ["info", "wait"],
  waiting: ["warn", "pause"],
  paused: ["warn", "pause"],
  promoted: ["good", "ok"],
  "rolled back": ["bad", "back"],
  locked: ["idle", "pause"],
  success: ["good", "ok"],
  applied: ["good", "ok"],
  recovered: ["info", "ok"],
  chosen: ["good", "ok"],
  "runner-up": ["info", "back"],
  nothing: ["idle", "off"],
  "no effect": ["warn", "off"],
  harm: ["bad", "bad"],
  partial: ["warn", "warn"],
  inconclusive: ["idle", "off"],
  firing: ["bad", "warn"],
  suppressed: ["idle", "pause"],
  resolved: ["good", "ok"],
  open: ["bad", "warn"],
  closed: ["good", "ok"],
  page: ["bad", "warn"],
  ticket: ["info", "wait"],
  shadow: ["idle", "eye"],
  "in force": ["info", "ok"],
  error: ["bad", "bad"],
  warning: ["warn", "warn"],
  connected: ["good", "ok"],
  gone: ["bad", "off"],
  done: ["good", "ok"],
  now: ["info", "wait"],
  next: ["idle", "off"],
};

export function toneOf(state: string): Tone {
  return SIGNS[state]?.[0] ?? "info";
}

/** `text` where the state's own word is not the best. */
export function State({ state, text = state }: { readonly state: string; readonly text?: string }) {
  const [tone, icon] = SIGNS[state] ?? (["info", "wait"] as const);
  return (
    <span class={`state ${tone}`}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
