import type { RolloutView } from "../../../src/api/view/operation.ts";
import { ago, number, percent } from "../format.ts";
import { nowMs } from "../state/now.ts";
import { Bullet } from "./bars.tsx";
import { OrderButton } from "./order-button.tsx";
import { State } from "./state.tsx";

/** A rollout with its steps, where it stands, and how far the evidence is from a verdict. */
export function RolloutTree({ of }: { readonly of: RolloutView }) {
  const { name, stable, canary, phase, percent: set, actualPercent, why, steps } = of;
  return (
    <article class="rollout">
      <header class="row">
        <strong>{name}</strong>
        <span>
          {stable} to {canary}
        </span>
        <State state={phase} />
        <span class="quiet-text">
          set {number(set)} %{actualPercent !== undefined && `, seen ${number(actualPercent)} %`},
          began {ago(of.startedAt, nowMs.value)}
        </span>
      </header>
      {why !== "" && <p>{why}</p>}
      <ol class="steps">
        {steps.map(({ text, state }) => (
          <li key={text} class="step">
            <State state={state} text={text} />
          </li>
        ))}
      </ol>
      {of.signals.map(({ name: signal, evidence, limit }) => (
        <p class="signal" key={signal}>
          <span>{signal}</span>
          <Bullet
            share={Math.log10(Math.max(1, evidence)) / (1.25 * Math.log10(limit))}
            mark={1 / 1.25}
            tone={evidence >= limit ? "bad" : "good"}
            label={`evidence ${number(evidence)}, rolled back at ${number(limit)}`}
          />
          <span class="quiet-text">
            {number(evidence)} of {number(limit)}
          </span>
        </p>
      ))}
      <p class="quiet-text">
        {of.arms
          .map(
            ({ version, requests, errors }) =>
              `${version}: ${errors.toLocaleString("en")} errors of ${requests.toLocaleString("en")} (${percent(requests > 0 ? errors / requests : undefined)})`,
          )
          .join(" · ")}
      </p>
      <Orders of={of} />
    </article>
  );
}

const VERBS = [
  ["promote", "Promote", "It goes on to its next step at once."],
  ["pause", "Pause", "It stays where it is until somebody resumes it."],
  ["resume", "Resume", "It goes on as its evidence allows."],
  ["abort", "Abort", "All requests go to the stable version at once."],
  ["retry", "Retry", "It begins anew, with no evidence."],
] as const;

const POSSIBLE: Readonly<Record<RolloutView["phase"], readonly string[]>> = {
  progressing: ["promote", "pause", "abort"],
  waiting: ["promote", "pause", "abort"],
  paused: ["resume", "promote", "abort"],
  promoted: ["abort"],
  "rolled back": ["retry"],
  locked: ["retry"],
};

function Orders({ of: { name, phase } }: { readonly of: RolloutView }) {
  return (
    <div class="row">
      {VERBS.filter(([verb]) => POSSIBLE[phase].includes(verb)).map(([verb, title, text]) => (
        <OrderButton
          key={verb}
          verb={verb}
          asked={{
            title: `${title} ${name}`,
            text,
            path: `/v1/rollouts/${encodeURIComponent(name)}/${verb}`,
            verb: title,
            isDangerous: verb === "abort",
          }}
        >
          {title}
        </OrderButton>
      ))}
    </div>
  );
}
