import { z } from "zod";
import type { Page } from "../read-model.ts";

/** Of what a caller writes after `?`. */
export const pageQuery = z.strictObject({
  /** Entries of one page. */
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** `next` of the page before. */
  cursor: z.string().max(256).exactOptional(),
});

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item).readonly(),
    /** Hand it back as `cursor`; absent: this was the last page. */
    next: z.string().exactOptional(),
  });
}

/** A page of a list at hand; the cursor is the key of the last item shown, so that a list that grows loses nobody. */
export function cutPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Page<T> {
  const start = cursor === undefined ? 0 : items.findIndex((item) => keyOf(item) === cursor) + 1;
  if (cursor !== undefined && start === 0) return { items: [] };
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  const isMore = start + limit < items.length && last !== undefined;
  return { items: page, ...(isMore && { next: keyOf(last) }) };
}
