import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ACTION_KINDS } from "../../../src/policy/automation/action.ts";
import { FUNCTIONS, VARIABLES } from "../../../src/policy/cel/language.ts";
import { formatProblem } from "../../../src/policy/format.ts";
import { supportedKinds } from "../../../src/policy/kinds.ts";
import { parseIntent } from "../../../src/policy/parse.ts";
import { alert, rateLimit, service, shedding, toText } from "../documents.ts";

const CHECKOUT = {
  versions: { v41: { endpoints: ["127.0.0.1:9001"] }, v42: { endpoints: ["127.0.0.1:9002"] } },
};
const TIERS = [
  { name: "critical", matches: [{ headers: [{ name: "x-class", value: "order" }] }] },
  { name: "normal" },
];

const page = readFileSync(new URL("../../../../docs/policy-language.md", import.meta.url), "utf8");
/** What stands in backquotes outside of samples. */
const prose = page.replace(/^```[\s\S]*?^```$/gm, "");
const code = new Set([...prose.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? ""));

const KEYS = JSON.stringify({ keys: [{ kty: "RSA", kid: "a", n: "AQAB", e: "AQAB" }] });

describe("the page of the policy language", () => {
  it("names every function, variable and action", () => {
    const calls = [...code].map((text) => text.split("(")[0]);
    const words = [...Object.keys(FUNCTIONS), ...Object.keys(VARIABLES), ...ACTION_KINDS];

    assert.deepEqual(
      words.filter((word) => !calls.includes(word) && !code.has(word)),
      [],
    );
  });

  it("has samples that load together, beside the Services, limits and alerts they name", () => {
    const samples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? "");
    const world = toText([
      service({ endpoints: undefined, ...CHECKOUT }, "checkout"),
      service({}, "db"),
      service({}, "fn-invoke"),
      shedding({ target: { service: "fn-invoke" }, tiers: TIERS }),
      rateLimit(
        { target: { service: "fn-invoke" }, rate: "400/s", bounds: { min: "40/s" } },
        "invoke",
      ),
      rateLimit({ target: { service: "db" } }, "ci-jobs"),
      ...alert({}, "fast-burn"),
    ]);
    const files = [world, ...samples].map((text, index) => ({ file: `${index}.yaml`, text }));
    const { problems } = parseIntent(files, (_file, path) => ({
      ok: true,
      absolutePath: `/${path}`,
      text: path.endsWith(".json") ? KEYS : "0123456789abcdef",
    }));

    assert.equal(samples.length, 6);
    assert.deepEqual(problems.map(formatProblem), []);
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
