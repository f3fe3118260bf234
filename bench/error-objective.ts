/** An SLO document, `SERVICE-availability`: a share of the requests to a service is answered below 500. */
export function errorObjective(
  service: string,
  { owner, target }: { readonly owner: string; readonly target: number },
): string {
  return `apiVersion: openslo/v1
kind: SLO
metadata: {name: ${service}-availability, annotations: {quantum.mesh/owner: ${owner}}}
spec:
  service: ${service}
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  objectives: [{target: ${target}}]
  indicator:
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: mesh, spec: {count: "code < 500"}}}
        total: {metricSource: {type: mesh, spec: {count: "true"}}}`;
}
