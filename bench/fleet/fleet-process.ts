import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Children } from "../../src/cli/children.ts";
import type { Ports } from "./contestant.ts";
import { FLEET_CORE, pin } from "./process-usage.ts";

/** Steers the fleet's process. Every command is answered with the figures it measured. */
export type FleetCommand =
  | { readonly kind: "connect"; readonly streams: number; readonly front: number }
  | { readonly kind: "push" | "critical"; readonly times: number }
  | { readonly kind: "stall"; readonly share: number }
  | { readonly kind: "refuse"; readonly clients: number; readonly times: number }
  | { readonly kind: "churn"; readonly rps: number; readonly seconds: number }
  | { readonly kind: "storm" | "lag" | "close" };

export type FleetResult = Readonly<Record<string, number>>;

interface Answer {
  readonly result?: FleetResult;
  readonly error?: string;
}

export class FleetProcess {
  private constructor(private readonly child: ChildProcess) {}

  static async start(children: Children, { xds, control }: Ports): Promise<FleetProcess> {
    const child = children.forkModule("../../bench/fleet/fleet.js", [String(xds), String(control)]);
    pin(child.pid, FLEET_CORE);
    await once(child, "message");
    return new FleetProcess(child);
  }

  async run(command: FleetCommand): Promise<FleetResult> {
    const answered = once(this.child, "message");
    this.child.send(command);
    const [{ result, error }] = (await answered) as [Answer];
    if (result === undefined) throw new Error(`${command.kind}: ${error}`);
    return result;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, "exit");
    this.child.disconnect();
    await exited;
  }
}
