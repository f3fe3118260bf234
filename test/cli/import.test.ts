import assert from "node:assert/strict";
import { stringify } from "yaml";
import { importText } from "../../src/cli/import/import.ts";
import { parseIntent } from "../../src/policy/parse.ts";

const FLAGGER = `
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: podinfo, namespace: test}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
  progressDeadlineSeconds: 60
  service: {port: 9898}
  analysis:
    interval: 30s
    threshold: 5
    maxWeight: 50
    stepWeight: 20
    metrics: [{name: request-success-rate, thresholdRange: {min: 99}, interval: 1m}]
    webhooks: [{name: load-test, url: "http://flagger-loadtester.test/"}]
    somethingNew: {deep: [1, 2]}
`;

const ARGO = `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: guestbook}
spec:
  replicas: 5
  strategy:
    canary:
      canaryService: guestbook-v2
      stableService: guestbook-v1
      steps:
        - setWeight: 20
        - pause: {duration: 10m}
        - setWeight: 40
        - pause: {}
        - setWeight: 30
        - setWeight: 60
        - pause: {duration: 90}
        - analysis: {templates: [{templateName: success}]}
`;

const OPTIONS = { owner: "team-pay", file: "canary.yaml" };
const paths = (lost: readonly { readonly path: string }[]) => lost.map(({ path }) => path);

describe("qmesh import", () => {
  it("takes Flagger's 20 and 40 % for 30 s each, then all", () => {
    const [{ rollout }] = importText("flagger", FLAGGER, OPTIONS) as [never];

    assert.deepEqual((rollout as { spec: { steps: unknown } }).spec.steps, [
      { weight: 20, for: "30s" },
      { weight: 40, for: "30s" },
      { weight: 100 },
    ]);
  });

  it("names every leaf of Flagger's that is lost, also of fields it never heard of", () => {
    const [imported] = importText("flagger", FLAGGER, OPTIONS);

    const lost = paths(imported?.lost ?? []);
    for (const path of [
      "spec.targetRef",
      "spec.analysis.metrics[0].thresholdRange.min",
      "spec.analysis.threshold",
      "spec.analysis.webhooks[0].url",
      "spec.analysis.somethingNew.deep[1]",
      "spec.service.port",
      "spec.progressDeadlineSeconds",
      "metadata.namespace",
    ])
      assert.ok(lost.includes(path), `${path} is not in ${lost.join(", ")}`);
  });

  it("takes Argo's pauses as times and as a hold for a person, and names a weight that falls", () => {
    const [imported] = importText("argo", ARGO, OPTIONS);

    assert.deepEqual(imported?.rollout.spec, {
      service: "guestbook",
      versions: { stable: "guestbook-v1", canary: "guestbook-v2" },
      steps: [
        { weight: 20, for: "10m" },
        { weight: 40 },
        { hold: "approver" },
        { weight: 60, for: "90s" },
        { weight: 100 },
      ],
    });
    const lost = paths(imported?.lost ?? []);
    assert.ok(lost.includes("spec.strategy.canary.steps[4].setWeight"));
    assert.ok(lost.includes("spec.strategy.canary.steps[7].analysis.templates[0].templateName"));
    assert.ok(lost.includes("spec.replicas"));
  });

  for (const [tool, text] of [
    ["flagger", FLAGGER],
    ["argo", ARGO],
  ] as const) {
    it(`gives a Rollout of ${tool} that loads beside a Service of these versions`, () => {
      const [imported] = importText(tool, text, OPTIONS);
      assert.ok(imported !== undefined);
      const { service, versions } = imported.rollout.spec as {
        service: string;
        versions: { stable: string; canary: string };
      };
      const of = {
        apiVersion: "quantum.mesh/v1",
        kind: "Service",
        metadata: { name: service, owner: "team-pay" },
        spec: {
          versions: {
            [versions.stable]: { endpoints: ["127.0.0.1:9001"] },
            [versions.canary]: { endpoints: ["127.0.0.1:9002"] },
          },
        },
      };
      const files = [
        { file: "all.yaml", text: `${stringify(of)}---\n${stringify(imported.rollout)}` },
      ];

      const { problems } = parseIntent(files);

      assert.deepEqual(
        problems.filter(({ severity }) => severity === "error"),
        [],
      );
    });
  }

  it("says what it looked for in a file without it", () => {
    assert.throws(() => importText("flagger", ARGO, OPTIONS), /holds no Canary of flagger.app/);
  });
});
