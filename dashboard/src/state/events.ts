/** A stream of server-sent events over `fetch`, since the browser's own `EventSource` can carry no token. */
export interface EventOptions {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  onEvent(name: string, data: unknown): void;
}

export type StreamEnd =
  | { readonly kind: "ended" }
  /** Trying again would not help. */
  | { readonly kind: "refused"; readonly why: string };

/** Resolves when the stream is over, however that came. */
export async function readEvents(path: string, options: EventOptions): Promise<StreamEnd> {
  const { headers, signal, onEvent } = options;
  try {
    const response = await fetch(path, { headers, signal });
    if (response.status === 401 || response.status === 403) {
      const { title } = (await response.json()) as { title: string };
      return { kind: "refused", why: title };
    }
    const reader = response.ok ? response.body?.getReader() : undefined;
    if (reader === undefined) return { kind: "ended" };
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { kind: "ended" };
      text += decoder.decode(value, { stream: true });
      const messages = text.split("\n\n");
      text = messages.pop() ?? "";
      for (const message of messages) tell(message, onEvent);
    }
  } catch {
    return { kind: "ended" };
  }
}

/** The server writes `event:` and one `data:`, or a comment. */
function tell(message: string, onEvent: EventOptions["onEvent"]): void {
  const match = /^event: (\w+)\ndata: (.*)$/.exec(message);
  if (match !== null) onEvent(match[1] ?? "", JSON.parse(match[2] ?? "null"));
}
