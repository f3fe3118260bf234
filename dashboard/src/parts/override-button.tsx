import { OrderButton } from "./order-button.tsx";

/** Holds a knob at a value for a while; `knob` is a suggestion. */
export function OverrideButton({
  knob = "",
  text = "Override…",
}: {
  knob?: string;
  text?: string;
}) {
  return (
    <OrderButton
      verb="override"
      asked={{
        title: "Override",
        text: "What you set goes before what any Policy wants of the same knob, and ends by itself.",
        path: "/v1/overrides",
        verb: "Hold it",
        read: (form) => ({
          knob: String(form.get("knob")),
          value: toValue(String(form.get("value"))),
          ttlSeconds: Number(form.get("minutes")) * 60,
          ...(form.has("breakGlass") && { breakGlass: true }),
        }),
        fields: (
          <>
            <label>
              Knob
              <input
                name="knob"
                required
                value={knob}
                placeholder="rateLimit.NAME.factor"
                list="knobs"
                autocomplete="off"
              />
              <datalist id="knobs">
                <option value="rateLimit.NAME.factor" />
                <option value="canary.weight@SERVICE" />
                <option value="policy.NAME.mode" />
              </datalist>
            </label>
            <div class="row">
              <label>
                Value
                <input name="value" required autocomplete="off" placeholder="0.5" />
              </label>
              <label>
                For
                <select name="minutes">
                  <option value="15">15 minutes</option>
                  <option value="60">1 hour</option>
                  <option value="240">4 hours</option>
                  <option value="1440">1 day</option>
                </select>
              </label>
            </div>
            <label class="inline">
              <input type="checkbox" name="breakGlass" />
              Break the glass: before all but absolute Guardrails, once a second person agrees
            </label>
          </>
        ),
      }}
    >
      {text}
    </OrderButton>
  );
}

/** A number where it is one. */
function toValue(text: string): number | string {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}
