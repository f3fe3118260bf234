import type { PolicySet } from "../../policy/policy-set.ts";
import type { Part } from "./parts.ts";

/** Since when the set in force is: a folder that was touched and says the same has not loaded another. */
export class LoadedAt implements Part {
  #digest: string | undefined;
  /** ISO 8601; undefined until a set loaded. */
  text: string | undefined;

  setIntent({ digest }: PolicySet): void {
    if (digest === this.#digest) return;
    this.#digest = digest;
    this.text = new Date().toISOString();
  }
}
