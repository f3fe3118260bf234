import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { post } from "../state/api.ts";
import { Dialog } from "./dialog.tsx";

/** One order to the engine: what it is, why, and what came of it. Every one asks for a reason; the audit log keeps it. */
export interface Asked {
  readonly title: string;
  /** What happens. */
  readonly text: string;
  readonly path: string;
  /** On the button. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  /** Sent beside the reason. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly fields?: ComponentChildren;
  /** What the fields hold, when they are sent. */
  readonly read?: (form: FormData) => Readonly<Record<string, unknown>>;
}

export function OrderForm({ asked, onClose }: { readonly asked: Asked; onClose: () => void }) {
  const [state, setState] = useState<{ isSending: boolean; why?: string }>({ isSending: false });
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setState({ isSending: true });
    const reason = String(form.get("reason"));
    const answer = await post(asked.path, { ...asked.body, ...asked.read?.(form), reason });
    if (answer.ok) onClose();
    else setState({ isSending: false, why: answer.why });
  };
  return (
    <Dialog title={asked.title} onClose={onClose}>
      <form class="order" onSubmit={submit}>
        <p>{asked.text}</p>
        {asked.fields}
        <label>
          Reason, kept in the audit log
          <input name="reason" required maxLength={1000} autocomplete="off" />
        </label>
        {state.why !== undefined && (
          <p class="failure" role="alert">
            {state.why}
          </p>
        )}
        <button
          type="submit"
          class={asked.isDangerous === true ? "danger" : "primary"}
          disabled={state.isSending}
        >
          {state.isSending ? "Sending…" : asked.verb}
        </button>
      </form>
    </Dialog>
  );
}
