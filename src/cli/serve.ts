import type { LogLevel } from "../log.ts";
import type { Address } from "./address.ts";
import { startControlPlane } from "./control-plane.ts";
import { EXIT } from "./exit-code.ts";
import { say } from "./output.ts";
import { stopSignal } from "./stop-signal.ts";

/** `qmesh serve`: the control plane alone, until a signal; a second one does not wait for the Envoys to be shown out. */
export async function serve(options: {
  config: string;
  data: string;
  access?: string;
  capture?: string;
  xds: Address;
  rateLimit: Address;
  http: Address;
  certs?: string;
  insecurePlaintext?: boolean;
  canaryPush?: number;
  canaryHold?: number;
  outbound?: readonly string[];
  publicUrl?: string;
  otlp?: string;
  logLevel: LogLevel;
  output?: "json";
}): Promise<number> {
  const plane = await startControlPlane(options);
  const { xds, rateLimit, http } = plane.ports;
  if (options.output === "json")
    process.stdout.write(`${JSON.stringify({ xds, rateLimit, http })}\n`);
  say(
    `xDS on ${options.xds.host}:${xds}, rate limits on ${options.rateLimit.host}:${rateLimit}, status on http://${options.http.host}:${http}/status`,
  );
  for (const line of plane.greeting) say(line);
  await stopSignal();
  await plane.drain();
  await plane.stop();
  return EXIT.fine;
}
