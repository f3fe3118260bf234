import { useState } from "preact/hooks";
import { signIn } from "../state/api.ts";
import { connect } from "../state/live.ts";
import { me, setToken } from "../state/session.ts";
import { Dialog } from "./dialog.tsx";

/** Who is looking, and the field for another token. */
export function SignIn({ why, onClose }: { readonly why?: string; onClose: () => void }) {
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const answer = await signIn(String(form.get("token")));
    setFailure(answer);
    if (answer === undefined) {
      connect();
      onClose();
    }
  };
  const { name, roles } = me.value ?? { name: "anonymous", roles: ["viewer"] };
  return (
    <Dialog title="Who you are" onClose={onClose}>
      <form class="order" onSubmit={submit}>
        {why !== undefined && <p>{why}</p>}
        <p>
          Now: <strong>{name}</strong>
          {roles.length > 0 && `, ${roles.join(", ")}`}.
        </p>
        <label>
          Token
          <input name="token" type="password" required autocomplete="off" spellcheck={false} />
        </label>
        <p class="hint">
          This machine's token is in the file <code>api-token</code> of the control plane's data
          folder. It stays in this tab.
        </p>
        {failure !== undefined && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
        <div class="row">
          <button type="submit" class="primary">
            Use it
          </button>
          {name !== "anonymous" && (
            <button
              type="button"
              onClick={() => {
                setToken("");
                me.value = undefined;
                onClose();
              }}
            >
              Forget it
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
