import { startControlPlane } from "./control-plane.ts";
import { EXIT } from "./exit-code.ts";
import type { Address } from "./program.ts";

export async function serve(options: {
  config: string;
  xds: Address;
  http: Address;
  output?: "json";
}): Promise<number> {
  const plane = await startControlPlane(options);
  process.stdout.write(`${JSON.stringify(plane.ports)}\n`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  plane.stop();
  return EXIT.fine;
}
