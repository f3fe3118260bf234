import { useState } from "preact/hooks";
import { clock } from "../format.ts";
import { concerns } from "../state/attention.ts";
import { connection, live, missing } from "../state/live.ts";
import { go, place, RANGES, SCREENS, type Screen } from "../state/place.ts";
import { me } from "../state/session.ts";
import { theme, turnTheme } from "../state/theme.ts";
import { Icon } from "./icon.tsx";
import { OrderButton } from "./order-button.tsx";
import { SignIn } from "./sign-in.tsx";

/** The same on every screen: where one is, whether automation runs, which time is shown, who is looking. */
const NAMES: Readonly<Record<Screen, string>> = {
  executive: "Executive",
  "on-call": "On-call",
  debug: "Debug",
};

export function Header() {
  const { screen, range, search } = place.value;
  const [isSigningIn, setSigningIn] = useState(false);
  const count = concerns.value.length;
  return (
    <header class="top">
      <div class="brand">
        <img src="/ui/icon.svg" alt="" width="22" height="22" />
        <strong>Quantum Mesh</strong>
      </div>
      <nav aria-label="Screens">
        {SCREENS.map((each, at) => (
          <button
            type="button"
            key={each}
            class="tab"
            aria-current={each === screen ? "page" : undefined}
            title={`Key ${at + 1}`}
            onClick={() => go({ screen: each })}
          >
            {NAMES[each]}
            {each === "on-call" && count > 0 && (
              <span class="count" title={`${count} need attention`}>
                {count}
              </span>
            )}
          </button>
        ))}
      </nav>
      <input
        id="search"
        type="search"
        aria-label="Search every list"
        placeholder="Search  /"
        value={search}
        onInput={({ currentTarget }) => go({ search: currentTarget.value }, "replace")}
      />
      <fieldset class="ranges">
        <legend class="sr-only">Time range</legend>
        {RANGES.map(({ seconds, text }) => (
          <button
            type="button"
            key={seconds}
            aria-pressed={range === seconds}
            onClick={() => go({ range: seconds })}
          >
            {text}
          </button>
        ))}
      </fieldset>
      <Freeze />
      <ConnectionState />
      <button
        type="button"
        class="quiet"
        aria-label={`You: ${me.value?.name ?? "anonymous"}`}
        onClick={() => setSigningIn(true)}
      >
        <Icon name="person" />
        <span class="who">{me.value?.name ?? "anonymous"}</span>
      </button>
      <button
        type="button"
        class="quiet"
        aria-label={`Change to ${theme.value === "dark" ? "light" : "dark"}`}
        onClick={turnTheme}
      >
        <Icon name={theme.value === "dark" ? "sun" : "moon"} />
      </button>
      {isSigningIn && <SignIn onClose={() => setSigningIn(false)} />}
    </header>
  );
}

/** The button that stops everything is in reach on every screen. */
function Freeze() {
  if (missing.value.has("freeze")) return null;
  const isFrozen = live.freeze.value?.isFrozen === true;
  return isFrozen ? (
    <OrderButton
      verb="unfreeze"
      asked={{
        title: "Let automation act again",
        text: "Rollouts go on and Policies act from the next second.",
        path: "/v1/unfreeze",
        verb: "Unfreeze",
      }}
    >
      <Icon name="snow" />
      Unfreeze
    </OrderButton>
  ) : (
    <OrderButton
      verb="freeze"
      asked={{
        title: "Freeze automation",
        text: "Nothing is begun, moved or taken back by itself until somebody unfreezes. What is in force stays.",
        path: "/v1/freeze",
        verb: "Freeze",
        isDangerous: true,
      }}
    >
      <Icon name="snow" />
      Freeze
    </OrderButton>
  );
}

function ConnectionState() {
  const now = connection.value;
  const words = {
    connecting: "Connecting",
    live: "Live",
    lost: "Lost",
    refused: "Refused",
  } as const;
  const tone = { connecting: "idle", live: "good", lost: "bad", refused: "bad" } as const;
  return (
    <span
      class={`state ${tone[now.state]}`}
      role="status"
      title={`Version ${live.mesh.value?.version ?? "?"}`}
    >
      <Icon name={now.state === "live" ? "ok" : now.state === "connecting" ? "wait" : "bad"} />
      {words[now.state]}
    </span>
  );
}

/** What must not be overlooked, whatever the screen. */
export function Banners() {
  const now = connection.value;
  const freeze = live.freeze.value;
  const { current, failure } = live.mesh.value?.intent ?? { current: true };
  return (
    <>
      {now.state === "lost" && (
        <p class="banner bad" role="alert">
          <Icon name="bad" />
          The control plane has not answered since {clock(new Date(now.sinceMs).toISOString())}.
          This is what it said last; Envoys go on with what they hold.
        </p>
      )}
      {now.state === "refused" && (
        <p class="banner bad" role="alert">
          <Icon name="key" />
          {now.why}: show who you are, by the button at the top right.
        </p>
      )}
      {freeze?.isFrozen === true && (
        <p class="banner info">
          <Icon name="snow" />
          <strong>Automation is frozen</strong> by {freeze.by ?? "somebody"}
          {freeze.since !== undefined && ` since ${clock(freeze.since)}`}:{" "}
          {freeze.reason ?? "no reason given"}
        </p>
      )}
      {place.value.attention && (
        <p class="banner info">
          <Icon name="eye" />
          Lists show only what needs attention.
          <button type="button" class="small" onClick={() => go({ attention: false })}>
            Show all
          </button>
        </p>
      )}
      {!current && (
        <p class="banner warn">
          <Icon name="warn" />
          <strong>The newest intent is not in force;</strong> the last good one is.
          {failure !== undefined && ` ${failure}`}
        </p>
      )}
    </>
  );
}
