import type { Absence, ResourceError } from "./snapshot.ts";
import type { Subscription } from "./subscription.ts";

/** Which errors a client has been told, so that each is said once for as long as it stays the same. */
export class ToldErrors {
  /** Absent while there are none. */
  private told: Map<string, string> | undefined;

  /**
   * Errors of names the client subscribes to and does not know of yet, in name order; of what is withheld because a client
   * refused it, only those it has `asked` for just now.
   */
  due(
    errors: ReadonlyMap<string, Absence>,
    { isWildcard, names }: Subscription,
    asked: ReadonlySet<string>,
  ): readonly ResourceError[] {
    if (errors.size === 0) return [];
    const told = [...errors.values()].filter(
      ({ name, withheld }) => withheld === undefined || asked.has(name),
    );
    const wanted = told.filter(({ name }) => isWildcard || names.has(name));
    return wanted.filter(({ name, message }) => this.told?.get(name) !== message);
  }

  tell(errors: readonly ResourceError[]): void {
    if (errors.length > 0) this.told ??= new Map();
    for (const { name, message } of errors) this.told?.set(name, message);
  }

  /** The client asks anew, or no more. */
  forget(name: string): void {
    this.told?.delete(name);
  }

  /** What is no error any more is told again if it becomes one. */
  prune(errors: ReadonlyMap<string, ResourceError>): void {
    for (const name of [...(this.told?.keys() ?? [])]) if (!errors.has(name)) this.forget(name);
  }
}
