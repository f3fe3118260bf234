import { signal } from "@preact/signals";

/** Who is looking. The token lives as long as the tab, and never is part of an address that leaves the browser. */
const KEY = "qmesh-token";

export interface Me {
  readonly name: string;
  readonly roles: readonly string[];
  readonly verbs: readonly string[];
}

export const token = signal<string>(takeToken());
export const me = signal<Me | undefined>(undefined);

/** From `#token=`, which is then taken off the address. */
function takeToken(): string {
  const given = /^#token=([\w.-]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given ?? sessionStorage.getItem(KEY) ?? "";
}

export function setToken(text: string): void {
  if (text === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, text);
  token.value = text;
}

export function may(verb: string): boolean {
  return me.value?.verbs.includes(verb) === true;
}
