import type { Context } from "hono";

/** A failure as `application/problem+json` (RFC 9457): the title says what happened, the detail what would be right. */
export function problem(
  context: Context,
  status: 403 | 404 | 405 | 413 | 500,
  text: { readonly title: string; readonly detail: string },
): Response {
  return context.body(JSON.stringify({ type: "about:blank", status, ...text }), status, {
    "content-type": "application/problem+json",
  });
}
