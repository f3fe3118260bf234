import type { Context } from "hono";
import { z } from "zod";

export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 409
  | 412
  | 413
  | 415
  | 422
  | 429
  | 500
  | 503;

/** RFC 9457: the title says what happened, the detail what would be right. */
export const problemDocument = z.object({
  type: z.string(),
  status: z.int(),
  title: z.string(),
  detail: z.string(),
  /** Each place of the request that is wrong. */
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .readonly()
    .exactOptional(),
});

export interface ProblemText {
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** A failure as `application/problem+json`. */
export function problem(context: Context, status: ProblemStatus, text: ProblemText): Response {
  return context.body(JSON.stringify({ type: "about:blank", status, ...text }), status, {
    "content-type": "application/problem+json",
  });
}
