import { z } from "zod";
import { fetchAnswer } from "../../src/api/client.ts";
import { type DecisionView, decisionView } from "../../src/api/view/decision.ts";

/** What a running control plane has decided, oldest first. */
export async function decisions(http: number): Promise<readonly DecisionView[]> {
  const page = z.object({ items: z.array(decisionView) });
  const path = "/v1/decisions?limit=1000";
  const answer = await fetchAnswer({ server: `127.0.0.1:${http}` }, path, page);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value.items.toReversed();
}
