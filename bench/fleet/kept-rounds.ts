import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Figures } from "./round.ts";

/**
 * What was measured of the full form, in `build/bench` until server or fleet change, so that it can be made in pieces: a
 * run takes up where the last one stopped.
 */
const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = join(root, "build/bench");

/** What decides the figures. */
const CODE = ["dist/src/xds", "dist/bench/fleet"];

export function readKept(name: string, round: number): Figures | undefined {
  try {
    const kept = JSON.parse(readFileSync(fileOf(name, round), "utf8")) as Kept;
    return kept.code === codeDigest() ? kept.figures : undefined;
  } catch {
    return undefined;
  }
}

export function keep(name: string, round: number, figures: Figures): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(name, round), JSON.stringify({ code: codeDigest(), figures }));
}

interface Kept {
  readonly code: string;
  readonly figures: Figures;
}

function fileOf(name: string, round: number): string {
  return join(folder, `fleet-${round}-${name.replace(/\W+/g, "-")}.json`);
}

function codeDigest(): string {
  const hash = createHash("sha256");
  for (const part of CODE) {
    const names = readdirSync(join(root, part)).filter((name) => name.endsWith(".js"));
    for (const name of names.sort()) hash.update(readFileSync(join(root, part, name)));
  }
  return hash.digest("hex");
}
