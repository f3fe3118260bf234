import type { Role, Verb } from "./roles.ts";

/** Who asks, once it is shown. */
export interface Principal {
  /** Of a person or a service account; `local` for the token of this machine, `anonymous` for who showed nothing. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** What else it is: what intent names in `hold` and `approval.from`. */
  readonly groups?: readonly string[];
  readonly verbs: ReadonlySet<Verb>;
  /** It may act on these only; absent: on all. */
  readonly services?: readonly string[];
}

export type Shown =
  | { readonly ok: true; readonly principal: Principal }
  /** `why`: a sentence that tells the caller what to mend and gives nothing away. */
  | { readonly ok: false; readonly why: string };

export const ANONYMOUS: Principal = {
  name: "anonymous",
  roles: ["viewer"],
  verbs: new Set<Verb>(["read"]),
};
