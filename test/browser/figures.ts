/// <reference lib="dom" />
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page as Tab } from "playwright-core";
import { startChromium } from "../support/chromium.ts";
import { exampleServer } from "../support/operators/example-server.ts";
import { projectRoot } from "../support/project-root.ts";

/**
 * What the benchmark of the dashboard measures, in a process of its own: how long a screen takes from its address to the
 * first paint and to live figures, and its frames while a pointer runs over charts of six hours, which all follow it.
 * Arguments: tabs a screen, moves of the pointer. Sends one message, `Figures`, and ends.
 */
export interface Figures {
  readonly opened: readonly { readonly screen: string; readonly times: readonly Opened[] }[];
  readonly charts: Charts;
}

/** As its package has it. */
const uplotFile = (name: string) =>
  readFileSync(join(projectRoot, "node_modules/uplot/dist", name), "utf8");
const UPLOT = { script: uplotFile("uPlot.iife.min.js"), style: uplotFile("uPlot.min.css") };

const SCREENS = ["executive", "on-call", "debug"] as const;
const PAST_SECONDS = 21_600;
/** With a language of its own: that of a machine without one is no language to the library of charts. */
const TAB = { viewport: { width: 1280, height: 900 }, locale: "en-GB" };

const [rounds = 5, moves = 180] = process.argv.slice(2).map(Number);
const server = await exampleServer({ nodes: 100, services: 1000, pastSeconds: PAST_SECONDS });
const browser = await startChromium();
try {
  const opened = [];
  for (const screen of SCREENS) {
    const times: Opened[] = [];
    for (let round = 0; round < rounds; round++) {
      times.push(await open(`${server.url}/ui/?screen=${screen}`));
    }
    opened.push({ screen, times });
  }
  const charts = await pointAt(moves);
  process.send?.({ opened, charts } satisfies Figures);
} finally {
  await browser.close();
  await server.stop();
  if (process.connected) process.disconnect();
}

/** Milliseconds since the address was asked for. */
export interface Opened {
  readonly paintMs: number;
  readonly liveMs: number;
}

async function open(url: string): Promise<Opened> {
  const tab = await browser.newPage(TAB);
  await tab.goto(url);
  await tab.getByText("Live", { exact: true }).waitFor();
  const times = await tab.evaluate(() => ({
    paintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    liveMs: performance.now(),
  }));
  await tab.close();
  return times;
}

export interface Charts {
  readonly points: number;
  readonly charts: number;
  readonly frames: readonly number[];
  /** The same charts by uPlot alone, on a page with nothing else: what this machine's drawing allows. */
  readonly alone: readonly number[];
}

/** Frames of `moves` moves of a pointer, one a frame, over charts that share their cursor and get a new point a second. */
async function pointAt(count: number): Promise<Charts> {
  const tab = await browser.newPage(TAB);
  await tab.goto(`${server.url}/ui/?screen=debug&range=${PAST_SECONDS}`);
  await tab.locator(".u-over").first().waitFor();
  const history = await tab.evaluate(async (seconds) => {
    const answer = await fetch(`/v1/history?seconds=${seconds}`);
    return (await answer.json()) as History;
  }, PAST_SECONDS);
  const sizes = await tab.locator(".uplot").evaluateAll((all) =>
    all.map((each) => ({
      width: each.clientWidth,
      lines: each.querySelectorAll("tr").length - 1,
    })),
  );
  const frames = await movePointer(tab, count);
  await tab.close();
  const alone = await pointAtAlone(count, { history, sizes });
  return { points: history.times.length, charts: sizes.length, frames, alone };
}

interface History {
  readonly times: number[];
  readonly series: readonly { readonly values: (number | null)[] }[];
}

async function pointAtAlone(
  count: number,
  drawn: { readonly history: History; readonly sizes: { width: number; lines: number }[] },
): Promise<number[]> {
  const tab = await browser.newPage(TAB);
  await tab.setContent("<!doctype html><body style='margin:20px'></body>");
  await tab.addStyleTag({ content: UPLOT.style });
  await tab.addScriptTag({ content: UPLOT.script });
  await tab.evaluate(({ history: { times, series }, sizes }) => {
    const { uPlot } = window as unknown as {
      uPlot: new (options: object, data: unknown, parent: Element) => unknown;
    };
    sizes.forEach(({ width, lines }, chart) => {
      const shown = Array.from({ length: lines }, (_, at) => series[(chart + at) % series.length]);
      const named = shown.map((_, at) => ({ label: `line ${at}`, stroke: "#2f6fde", width: 1.5 }));
      const cursor = { sync: { key: "time" }, drag: { x: false, y: false } };
      const options = { width, height: 180, cursor, series: [{}, ...named] };
      new uPlot(options, [times, ...shown.map((each) => each?.values)], document.body);
    });
  }, drawn);
  const frames = await movePointer(tab, count);
  await tab.close();
  return frames;
}

function movePointer(tab: Tab, moves: number): Promise<number[]> {
  return tab.evaluate(async (count) => {
    const over = document.querySelector(".u-over");
    if (over === null) throw new Error("invariant: a chart is there");
    const box = over.getBoundingClientRect();
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const times: number[] = [];
    let last = await frame();
    for (let at = 0; at < count; at++) {
      const clientX = box.left + (box.width * (at % 60)) / 60;
      const clientY = box.top + box.height / 2;
      over.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true }));
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  }, moves);
}
