import { type Me, me, setToken, token } from "./session.ts";

/** Asks the control plane that served this page. What goes wrong is one sentence. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly why: string };

export function authorization(): Record<string, string> {
  return token.value === "" ? {} : { authorization: `Bearer ${token.value}` };
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return ask<T>(path, { headers: authorization(), ...(signal !== undefined && { signal }) });
}

export async function post(path: string, body: unknown): Promise<Answer<{ record?: string }>> {
  return ask(path, {
    method: "POST",
    headers: { ...authorization(), "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, init);
    const value: unknown = await response.json();
    if (response.ok) return { ok: true, value: value as T };
    const { title = "", detail = "" } = value as { title?: string; detail?: string };
    return { ok: false, status: response.status, why: `${title}: ${detail}` };
  } catch {
    return { ok: false, status: 0, why: "The control plane does not answer." };
  }
}

/** A token that is not taken is forgotten: resolves to why, or undefined if all is well. */
export async function signIn(text: string): Promise<string | undefined> {
  setToken(text.trim());
  const answer = await get<Me>("/v1/me");
  if (answer.ok) {
    me.value = answer.value;
    return undefined;
  }
  setToken("");
  me.value = undefined;
  return answer.why;
}
