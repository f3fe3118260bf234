import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Children } from "../src/cli/children.ts";
import { verdict } from "./overload.ts";
import { median, type Page, quantile } from "./page.ts";

/** How quick the dashboard is in a real Chromium that draws without a graphics card. */
const FRAME_MS = 1000 / 60;

/** As `test/browser/figures.ts` sends them. */
interface Figures {
  readonly opened: readonly {
    readonly screen: string;
    readonly times: readonly { readonly paintMs: number; readonly liveMs: number }[];
  }[];
  readonly charts: {
    readonly points: number;
    readonly charts: number;
    readonly frames: readonly number[];
    readonly alone: readonly number[];
  };
}

export async function benchDashboard(
  children: Children,
  { isFull }: { isFull: boolean },
): Promise<Page> {
  const [tabs, moves] = isFull ? [20, 600] : [5, 180];
  const child = children.forkModule("../../test/browser/figures.js", [`${tabs}`, `${moves}`]);
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the browser's measurement ended with ${code}: see above`);
  });
  const [figures] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  return pageOf(figures as Figures, tabs);
}

function pageOf({ opened, charts }: Figures, tabs: number): Page {
  const paints = opened.flatMap(({ times }) => times).map(({ paintMs }) => paintMs);
  const [perSecond, late] = [rateOf(charts.frames), lateOf(charts.frames)];
  const alone = rateOf(charts.alone);
  const bytes = compressedBytes();
  return {
    setup: [
      `100 Envoys, 1,000 services, ${tabs} tabs a screen of 1280 x 900, the server in the same process as the driver`,
      `${charts.charts} charts of ${charts.points} points, ${charts.frames.length} moves of a pointer, one a frame; frames are drawn by the processor`,
    ],
    table: [
      ["", "median", "p99"],
      ...opened.flatMap(({ screen, times }) => [
        [`${screen}: first paint`, ...spread(times.map(({ paintMs }) => paintMs))],
        [`${screen}: live`, ...spread(times.map(({ liveMs }) => liveMs))],
      ]),
      ["a frame while pointing", ...spread(charts.frames)],
      ["the same, uPlot alone", ...spread(charts.alone)],
    ],
    findings: [
      `first paint, slowest of ${paints.length}: ${Math.max(...paints).toFixed(0)} ms (goal <= 1000): ${verdict(Math.max(...paints) <= 1000)}`,
      `${perSecond.toFixed(1)} frames a second, ${percent(late)} of them late (goal 60): ${verdict(perSecond >= 59)}`,
      `the same charts by uPlot alone on an empty page: ${alone.toFixed(1)} frames a second, ${percent(lateOf(charts.alone))} of them late; the dashboard reaches ${(perSecond / alone).toFixed(2)} of that`,
      `JavaScript ${bytes} bytes compressed (goal <= 60,000): ${verdict(bytes <= 60_000)}`,
    ],
  };
}

function rateOf(frames: readonly number[]): number {
  return 1000 / (frames.reduce((sum, ms) => sum + ms, 0) / frames.length);
}

function lateOf(frames: readonly number[]): number {
  return frames.filter((ms) => ms > 1.5 * FRAME_MS).length / frames.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function spread(times: readonly number[]): string[] {
  return [median(times), quantile(times, 0.99)].map((ms) => `${ms.toFixed(1)} ms`);
}

function compressedBytes(): number {
  const folder = fileURLToPath(new URL("../../build/dashboard/assets", import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
}
