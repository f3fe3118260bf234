import type { Arm } from "../../evidence/evidence.ts";
import type { Slo } from "../../policy/intent/slo.ts";

/** Under which evidence keeps what objectives of a service leave out. */
export function leftOutArm(service: string): Arm {
  return { service, account: "left out" };
}

/** Under which it keeps how the slices of one went. */
export function sliceArm({ name, service }: Slo): Arm {
  return { service, account: `slices of ${name}` };
}

/** Under which it keeps the requests of an objective of one tier. */
export function tierArm({ name, service }: Slo): Arm {
  return { service, account: `requests of ${name}` };
}
