import assert from "node:assert/strict";
import { timeoutJson } from "../../src/resources/retry.ts";
import { rule, service } from "../support/policy-set.ts";

const slow = service({ timeoutMs: 2000, retries: { attempts: 3, on: ["5xx", "reset"] } });
const fast = service({
  name: "fast",
  timeoutMs: 500,
  retries: { attempts: 1, on: ["5xx", "429"] },
});
const silent = service({ name: "silent" });

describe("timeoutJson", () => {
  for (const [what, timeouts, services, expected] of [
    ["the rule's own request timeout", { requestMs: 100 }, [slow], "0.1s"],
    ["no timeout for a rule that says 0", { requestMs: 0 }, [slow], "0s"],
    ["the service's timeout where the rule is silent", {}, [slow], "2s"],
    ["the longest timeout of two services", {}, [fast, slow], "2s"],
    ["no timeout with one silent service", {}, [fast, silent], "0s"],
    ["no timeout where nobody says one, rather than Envoy's 15 s", {}, [silent], "0s"],
  ] as const) {
    it(`gives ${what}`, () => {
      assert.equal(timeoutJson(rule({ timeouts }), services).timeout, expected);
    });
  }

  it("retries only what two services both allow, 1 time when one allows 3 and the other 1", () => {
    const retry = timeoutJson(rule(), [slow, fast]).retry_policy as Record<string, unknown>;

    assert.deepEqual([retry.retry_on, retry.num_retries], ["5xx", 1]);
  });

  it("retries status codes by number", () => {
    const retry = timeoutJson(rule(), [fast]).retry_policy as Record<string, unknown>;

    assert.equal(retry.retry_on, "5xx,retriable-status-codes");
    assert.deepEqual(retry.retriable_status_codes, [429]);
  });

  it("bounds one try without retrying when no service asks for retries", () => {
    const { retry_policy } = timeoutJson(rule({ timeouts: { backendRequestMs: 400 } }), [silent]);

    assert.deepEqual(retry_policy, { per_try_timeout: "0.4s" });
  });

  it("has no retry policy for two services of which one allows none", () => {
    assert.equal(timeoutJson(rule(), [slow, silent]).retry_policy, undefined);
  });
});
