import { createHmac } from "node:crypto";
import type { Answered, Send } from "./outbound.ts";

/**
 * A webhook: JSON, signed like what is posted to us (`docs/signals.md`): `x-qmesh-signature: v1=` and the hex HMAC-SHA256, by the
 * shared secret, of `TIMESTAMP.BODY`. `idempotency-key` is the same however often one thing is sent.
 */
export interface Hook {
  readonly url: string;
  readonly secret: string;
}

export function postHook(
  send: Send,
  { url, secret }: Hook,
  {
    key,
    body,
    nowSeconds,
  }: { readonly key: string; readonly body: unknown; readonly nowSeconds: number },
): Promise<Answered> {
  const text = JSON.stringify(body);
  const timestamp = String(nowSeconds);
  return send({
    url,
    method: "POST",
    body: text,
    headers: {
      "content-type": "application/json",
      "user-agent": "quantum-mesh",
      "idempotency-key": key,
      "x-qmesh-timestamp": timestamp,
      "x-qmesh-signature": signatureOf(secret, timestamp, text),
    },
  });
}

export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}
