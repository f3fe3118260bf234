import {
  type Fields,
  fieldsOf,
  type Imported,
  type Loss,
  leavesOf,
  listOf,
  unread,
} from "./lossy.ts";

/**
 * A Canary of Flagger (`flagger.app/v1beta1`) as a Rollout. Its weights carry over; its thresholds do not, since here a canary
 * is held against the stable version beside it, not against a fixed number.
 * https://docs.flagger.app/usage/how-it-works
 */
const JUDGED = "judged against the stable version beside it: see judge.worse";

export function fromFlagger(document: Fields, owner: string): Imported {
  const spec = fieldsOf(document.spec);
  const analysis = fieldsOf(spec.analysis);
  const name = String(fieldsOf(document.metadata).name ?? "");
  const service = String(fieldsOf(spec.targetRef).name ?? name);
  const seconds = typeof analysis.interval === "string" ? analysis.interval : "1m";
  return {
    rollout: {
      apiVersion: "quantum.mesh/v1",
      kind: "Rollout",
      metadata: { name, owner },
      spec: {
        service,
        versions: { stable: `${service}-primary`, canary: `${service}-canary` },
        steps: weightsOf(analysis).map((weight) =>
          weight === 100 ? { weight } : { weight, for: seconds },
        ),
        ...(spec.skipAnalysis === true && { onWorse: { action: "hold" } }),
      },
    },
    lost: lossesOf(document, spec, analysis),
  };
}

/** Of `stepWeights`, else every `stepWeight` up to `maxWeight`; then all, as Flagger promotes. */
function weightsOf({ stepWeights, stepWeight, maxWeight, iterations }: Fields): number[] {
  const listed = listOf(stepWeights).map(Number);
  if (listed.length > 0) return [...listed.filter((each) => each < 100), 100];
  if (iterations !== undefined) return [100];
  const by = Number(stepWeight ?? 10);
  const most = Math.min(99, Number(maxWeight ?? 50));
  const count = by > 0 ? Math.floor(most / by) : 0;
  return [...Array.from({ length: count }, (_, at) => by * (at + 1)), 100];
}

function lossesOf(document: Fields, spec: Fields, analysis: Fields): Loss[] {
  const because = (value: unknown, path: string, why: string) =>
    value === undefined ? [] : leavesOf(value, path).map((leaf) => ({ path: leaf, why }));
  const path = "spec.analysis";
  return [
    {
      path: "spec.targetRef",
      why: "a Service here lists its versions: name them in versions and give them endpoints",
    },
    ...because(analysis.metrics, `${path}.metrics`, JUDGED),
    ...because(
      analysis.threshold,
      `${path}.threshold`,
      "no count of failed checks: evidence decides",
    ),
    ...because(
      analysis.iterations,
      `${path}.iterations`,
      "no A/B or blue/green form: steps by weight",
    ),
    ...because(analysis.match, `${path}.match`, "write the match in an HTTPRoute"),
    ...because(analysis.mirror, `${path}.mirror`, "write a RequestMirror filter in an HTTPRoute"),
    ...because(
      analysis.webhooks,
      `${path}.webhooks`,
      "gates and load tests are not called from here",
    ),
    ...because(analysis.alerts, `${path}.alerts`, "write an AlertPolicy"),
    ...because(spec.service, "spec.service", "write it as Service and HTTPRoute"),
    ...because(
      spec.progressDeadlineSeconds,
      "spec.progressDeadlineSeconds",
      "write deadline: {after: ..., then: hold}",
    ),
    ...unread(
      analysis,
      [
        ...["interval", "stepWeight", "stepWeights", "maxWeight", "metrics", "threshold"],
        ...["iterations", "match", "mirror", "webhooks", "alerts"],
      ],
      path,
    ),
    ...unread(
      spec,
      ["analysis", "targetRef", "service", "progressDeadlineSeconds", "skipAnalysis"],
      "spec",
    ),
    ...unread(fieldsOf(document.metadata), ["name"], "metadata"),
  ];
}
