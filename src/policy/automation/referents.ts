/** What a document of automation may name: documents by kind, tiers of Sheddings, versions of Services, signals of Adapters. */
import type { Draft } from "../draft.ts";
import type { Drafts } from "../drafts.ts";
import type { Kind } from "../kinds.ts";
import type { Absent } from "../known-names.ts";
import { didYouMean, didYouMeanOneOf } from "../nearest.ts";
import type { Path } from "../path.ts";
import { versionFault } from "../service.ts";
import { signalsOf } from "./adapter.ts";

/** Its checks report the name at `path` of the draft where nothing has it, unless that may only be lost to another fault. */
export class Referents {
  readonly drafts: Drafts;
  readonly absent: Absent;
  private readonly signals: ReadonlySet<string>;
  private readonly tiers: ReadonlySet<string>;

  constructor(drafts: Drafts, absent: Absent) {
    this.drafts = drafts;
    this.absent = absent;
    this.signals = new Set(
      drafts.Adapter.flatMap(({ spec }) => signalsOf(spec).map(({ name }) => name)),
    );
    this.tiers = new Set(drafts.Shedding.flatMap(({ spec }) => spec.tiers.map(({ name }) => name)));
  }

  /** A name of undefined is none. */
  checkName(draft: Draft<unknown>, kind: Kind, at: { name: string | undefined; path: Path }): void {
    const fault = at.name === undefined ? undefined : this.absent(kind, at.name);
    if (fault !== undefined) draft.wrong("QM0217", at.path, fault);
  }

  checkTier(draft: Draft<unknown>, name: string, path: Path): void {
    const isLost = this.drafts.Shedding.some((shedding) => shedding.hasLost(["tiers"]));
    if (this.tiers.has(name) || isLost || this.isAnyLost("Shedding")) return;
    const hint = didYouMeanOneOf(name, [...this.tiers], "tiers");
    draft.wrong("QM0217", path, `no Shedding has a tier ${name}${hint}`);
  }

  checkVersion(draft: Draft<unknown>, at: { service: string; version: string; path: Path }): void {
    const service = this.drafts.Service.find(({ name }) => name === at.service);
    const fault = service && versionFault(service, at.version);
    if (fault !== undefined) draft.wrong("QM0217", at.path, fault);
  }

  checkSignal(draft: Draft<unknown>, name: string, path: Path): void {
    if (this.hasSignal(name) || this.areSignalsLost()) return;
    const none = this.drafts.Adapter.length === 0 ? "; there is no Adapter" : "";
    const hint = didYouMean(name, this.signals) || none;
    draft.wrong("QM0218", path, `no Adapter brings a signal ${name}${hint}`);
  }

  hasSignal(name: string): boolean {
    return this.signals.has(name);
  }

  /** An Adapter at fault may be the one that brings it. */
  areSignalsLost(): boolean {
    return (
      this.isAnyLost("Adapter") ||
      this.drafts.Adapter.some((draft) => draft.hasLost(["signals"]) || draft.hasLost(["queries"]))
    );
  }

  /** A document at fault may be one of this kind, by any name. */
  isAnyLost(kind: Kind): boolean {
    return this.absent(kind, "") === undefined;
  }
}
