import "./language.ts";
import { render } from "preact";
import { App } from "./app.tsx";
import { listenToKeys } from "./keys.ts";
import { signIn } from "./state/api.ts";
import { connect } from "./state/live.ts";
import { token } from "./state/session.ts";
import "./style/tokens.css";
import "./style/layout.css";
import "./style/parts.css";

const root = document.getElementById("app");
if (root === null) throw new Error("invariant: index.html has #app");
listenToKeys();
void signIn(token.value).then(connect);
render(<App />, root);
