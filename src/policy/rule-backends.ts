import type { Draft } from "./draft.ts";
import type { Path } from "./path.ts";

/** Reports backends of which none gets any request. */
export function checkSomeBackend(
  draft: Draft<unknown>,
  refs: readonly { readonly weight: number }[],
  path: Path,
): void {
  if (draft.hasLost(path) || refs.some(({ weight }) => weight > 0)) return;
  draft.wrong("QM0104", path, "all weights are 0, so nobody would answer; give one a weight");
}
