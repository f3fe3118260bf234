import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** What Linux says of a process, and on which core it runs. */
export const SERVER_CORE = 0;
export const FLEET_CORE = 1;

/** Of /proc/PID/stat, fixed on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export const canPin = cpus().length > 1 && hasTaskset();

function hasTaskset(): boolean {
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** All threads of the process to one core; nothing where there is no `taskset`. */
export function pin(pid: number | undefined, core: number): void {
  if (!canPin || pid === undefined) return;
  execFileSync("taskset", ["-acp", String(core), String(pid)], { stdio: "ignore" });
}

/** CPU seconds of the process so far, user and system. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function rssBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
}

/** Files a child of this process may have open. */
export function openFileLimit(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
}
