import type { FailedRequest } from "../../evidence/failed-requests.ts";
import type { FailureView } from "../view/failure.ts";
import { timeOf } from "./decisions.ts";

/** Sampled failures as the API shows them. */
export function failureViews(
  failures: readonly FailedRequest[],
  service: string | undefined,
): FailureView[] {
  return failures
    .filter((each) => service === undefined || each.service === service)
    .map(({ tick, ...rest }, at) => ({
      id: rest.requestId === "" ? `${rest.service}-${tick}-${at}` : rest.requestId,
      at: timeOf(tick),
      ...rest,
    }));
}
