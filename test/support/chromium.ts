import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { projectRoot } from "./project-root.ts";

/** A real Chromium: one on PATH, else the one inside the package `@sparticuz/chromium`, which needs no root. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Only pages of our own are shown; inside a container a sandbox of its own often cannot be had. */
const ARGS = ["--no-sandbox", "--lang=en-GB", "--disable-dev-shm-usage", "--hide-scrollbars"];

export async function startChromium(): Promise<Browser> {
  const executablePath = onPath() ?? (await unpacked());
  return chromium.launch({ executablePath, args: ARGS });
}

function onPath(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(canRun);
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its own list of folders of fonts has none of ours in it, and without a font a page shows no letter. */
function fontConfig(folder: string): string {
  const own = join(folder, "fontconfig");
  mkdirSync(own, { recursive: true });
  const dirs = [join(folder, "fonts"), "/usr/share/fonts"].map((dir) => `<dir>${dir}</dir>`);
  const cache = `<cachedir>${join(own, "cache")}</cachedir>`;
  writeFileSync(
    join(own, "fonts.conf"),
    `<?xml version="1.0"?>\n<fontconfig>${dirs.join("")}${cache}</fontconfig>\n`,
  );
  return own;
}

/**
 * It unpacks into TMPDIR and takes any `chromium` it finds there, of whatever version: hence a folder by version. And it
 * brings the libraries a slim machine lacks only if it believes to run in a certain cloud before it is imported.
 */
async function unpacked(): Promise<string> {
  const folder = join(projectRoot, ".cache", "chromium-141.0.0");
  mkdirSync(folder, { recursive: true });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  process.env.FONTCONFIG_PATH = fontConfig(folder);
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs20.x";
  const { default: packed } = await import("@sparticuz/chromium");
  const path = await packed.executablePath();
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  return path;
}
