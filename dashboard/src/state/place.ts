import { signal } from "@preact/signals";

/** Where the reader is: all of it in the address, so that a link shows a colleague the same. */
export const SCREENS = ["executive", "on-call", "debug"] as const;
export type Screen = (typeof SCREENS)[number];

/** Seconds back that every chart and log shows. */
export const RANGES = [
  { seconds: 300, text: "5 min" },
  { seconds: 900, text: "15 min" },
  { seconds: 3600, text: "1 h" },
  { seconds: 21_600, text: "6 h" },
] as const;

export interface Place {
  readonly screen: Screen;
  readonly range: number;
  /** Of names, on every list. */
  readonly search: string;
  /** Only what somebody should look at. */
  readonly attention: boolean;
  readonly shedding: string;
  readonly service: string;
  /** Of the service, whose times are shown: `version/v2`; empty: all of it. */
  readonly part: string;
  /** Open in the drawer. */
  readonly decision: string;
  /** Of the log of decisions. */
  readonly kind: string;
  /** Of the sync table. */
  readonly sync: string;
}

const START: Place = {
  screen: "on-call",
  range: 900,
  search: "",
  attention: false,
  shedding: "",
  service: "",
  part: "",
  decision: "",
  kind: "",
  sync: "",
};

export const place = signal<Place>(read());

export function go(change: Partial<Place>, how: "push" | "replace" = "push"): void {
  place.value = { ...place.value, ...change };
  const address = addressOf(place.value);
  if (how === "push") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/** Whether the search finds it; upper and lower case are one. */
export function isFound(text: string): boolean {
  return text.toLowerCase().includes(place.value.search.toLowerCase());
}

export function addressOf(of: Place): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(of)) {
    if (value !== START[name as keyof Place]) query.set(name, String(value));
  }
  const text = query.toString();
  return text === "" ? location.pathname : `?${text}`;
}

/** What the address does not say, or says wrongly, is as at the start. */
function read(): Place {
  const query = new URLSearchParams(location.search);
  const text = (name: keyof Place) => query.get(name) ?? "";
  const screen = SCREENS.find((each) => each === text("screen")) ?? START.screen;
  const asked = Number(text("range"));
  return {
    screen,
    range: RANGES.find(({ seconds }) => seconds === asked)?.seconds ?? START.range,
    search: text("search"),
    attention: text("attention") === "true",
    shedding: text("shedding"),
    service: text("service"),
    part: text("part"),
    decision: text("decision"),
    kind: text("kind"),
    sync: text("sync"),
  };
}

addEventListener("popstate", () => {
  place.value = read();
});
