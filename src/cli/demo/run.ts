import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Children } from "../children.ts";
import type { LoadOrder, LoadReport } from "./load.ts";
import type { ServiceCommand, ServiceReport } from "./service.ts";

/** The demo's child processes, spoken to by message. */
export interface DemoService {
  readonly port: number;
  /** Forgets everything queued: the next run starts clean. */
  reset(): void;
  /** How many requests it serves at a time from now on. */
  setSlots(slots: number): void;
}

export async function startService(
  children: Children,
  options: { slots: number; slotMs: number; times?: "fixed" | "exponential" },
): Promise<DemoService> {
  const { slots, slotMs, times = "fixed" } = options;
  const child = children.forkModule("./demo/service.js", [String(slots), String(slotMs), times]);
  const [report] = (await once(child, "message")) as [ServiceReport];
  const tell = (command: ServiceCommand) => void child.send(command);
  return {
    port: report.port,
    reset: () => tell({ kind: "reset" }),
    setSlots: (slots) => tell({ kind: "slots", slots }),
  };
}

/** Runs one load to its end; `onInterval` gets each report in between. Rejects if the load's process ends early. */
export async function runLoad(
  children: Children,
  order: LoadOrder,
  onInterval: (report: Extract<LoadReport, { kind: "interval" }>) => void = () => undefined,
): Promise<Extract<LoadReport, { kind: "done" }>> {
  const child: ChildProcess = children.forkModule("./demo/load.js");
  child.send(order);
  return new Promise((resolve, reject) => {
    child.on("message", (report: LoadReport) => {
      if (report.kind === "interval") onInterval(report);
      else resolve(report);
    });
    child.once("exit", () => reject(new Error("the load ended before its result")));
  });
}
