import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ACTION_KINDS } from "../../../src/policy/automation/action.ts";
import { FUNCTIONS, VARIABLES } from "../../../src/policy/cel/language.ts";
import { supportedKinds } from "../../../src/policy/kinds.ts";

const page = readFileSync(new URL("../../../../docs/policy-language.md", import.meta.url), "utf8");
/** What stands in backquotes outside of samples. */
const prose = page.replace(/^```[\s\S]*?^```$/gm, "");
const code = new Set([...prose.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? ""));

describe("the page of the policy language", () => {
  it("names every function, variable and action", () => {
    const calls = [...code].map((text) => text.split("(")[0]);
    const words = [...Object.keys(FUNCTIONS), ...Object.keys(VARIABLES), ...ACTION_KINDS];

    assert.deepEqual(
      words.filter((word) => !calls.includes(word) && !code.has(word)),
      [],
    );
  });

  it("names every kind of automation", () => {
    const others = ["Gateway", "HTTPRoute", "GRPCRoute", "Service", "Shedding", "RateLimit"];
    const kinds = Object.keys(supportedKinds).filter((kind) => !others.includes(kind));

    assert.deepEqual(
      kinds.filter((kind) => !code.has(kind)),
      [],
    );
  });
});
