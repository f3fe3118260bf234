import type { Answer } from "../api/client.ts";
import { EXIT, Failure } from "./exit-code.ts";

/** The value of an answer, or a Failure with its sentence. */
export function unwrap<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new Failure(answer.reason, answer.isTimeout ? EXIT.timedOut : EXIT.failed);
}
