import { DecisionDrawer } from "./parts/decision-drawer.tsx";
import { Banners, Header } from "./parts/header.tsx";
import { Debug } from "./screens/debug.tsx";
import { Executive } from "./screens/executive.tsx";
import { OnCall } from "./screens/on-call.tsx";
import { place } from "./state/place.ts";

const SHOWN = { executive: Executive, "on-call": OnCall, debug: Debug } as const;
const TITLES = { executive: "Executive", "on-call": "On-call", debug: "Debug" } as const;

export function App() {
  const { screen } = place.value;
  const Shown = SHOWN[screen];
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <Header />
      <main id="main">
        <h1 class="sr-only">{TITLES[screen]}</h1>
        <Banners />
        <Shown />
      </main>
      <footer>
        Keys: <kbd>1</kbd> <kbd>2</kbd> <kbd>3</kbd> screens, <kbd>/</kbd> search, <kbd>a</kbd>{" "}
        needs attention, <kbd>t</kbd> light or dark, <kbd>Esc</kbd> close
      </footer>
      <DecisionDrawer />
    </>
  );
}
