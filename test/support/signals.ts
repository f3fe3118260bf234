import { createHmac } from "node:crypto";

/** What a sender of signals puts into its signature header. */
export function signSignal(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}

/** Posts one value, as an outside system would; resolves to the status. */
export async function postSignal(
  http: number,
  {
    name,
    secret,
    value,
    labels = {},
  }: {
    readonly name: string;
    readonly secret: string;
    readonly value: number;
    readonly labels?: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const body = JSON.stringify({ value, labels });
  const response = await fetch(`http://127.0.0.1:${http}/v1/signals/${name}`, {
    method: "POST",
    headers: {
      "x-qmesh-timestamp": timestamp,
      "x-qmesh-signature": signSignal(secret, timestamp, body),
    },
    body,
  });
  return response.status;
}
