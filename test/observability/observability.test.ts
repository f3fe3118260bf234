import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { declareMeasures } from "../../src/cli/plane/measure-metrics.ts";
import { createMetrics } from "../../src/metrics.ts";
import { projectRoot } from "../support/project-root.ts";
import { seriesOf } from "./promql.ts";

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: { readonly summary?: string };
}

const RULE_FILES = ["recording.yaml", "alerts.yaml"].map((name) =>
  join(projectRoot, "observability/prometheus", name),
);
const rules: readonly Rule[] = RULE_FILES.flatMap((file) => {
  const { groups } = parse(readFileSync(file, "utf8")) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
});

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const FOLDER = join(projectRoot, "observability/grafana");
const dashboards = readdirSync(FOLDER).map((name) => ({
  name,
  ...(JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Dashboard),
}));

const expressions = [
  ...rules.map(({ alert, record, expr }) => ({ of: alert ?? record ?? "", expr })),
  ...dashboards.flatMap(({ name, panels }) =>
    panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ of: `${name}: ${title}`, expr })),
    ),
  ),
];

/** Names of series as /metrics writes them, those of histograms included, and what recording rules make of them. */
async function exported(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics(() => ({
    intent: {},
    nodes: [],
    decisions: [],
    evidenceDropped: 0,
  }));
  declareMeasures(metrics.registry, {
    policySet: () => undefined,
    evidence: () => {
      throw new Error("no intent, no evidence");
    },
    heldSince: () => new Map(),
  });
  const types = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const names = types.flatMap(([, name = "", type]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set([...names, ...rules.flatMap(({ record }) => record ?? [])]);
}

describe("dashboards and rules", () => {
  it("are 3 dashboards of 8 panels each, with ids of their own, and at least 15 alerts", () => {
    assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, 3);
    for (const { name, panels } of dashboards) assert.equal(panels.length, 8, name);
    assert.ok(rules.filter(({ alert }) => alert !== undefined).length >= 15);
  });

  for (const { of, expr } of expressions) {
    it(`"${of}" is PromQL over series that /metrics exports`, async () => {
      const names = seriesOf(expr);

      assert.ok(names.length > 0, expr);
      const known = await exported();
      assert.deepEqual(
        names.filter((name) => !known.has(name)),
        [],
      );
    });
  }

  it("show or alert on every measure M1 to M10 and the loop", async () => {
    const used = new Set(expressions.flatMap(({ expr }) => seriesOf(expr)));
    const forgotten = [...(await exported())]
      .filter((name) => name.startsWith("qmesh_") && !/_(sum|count)$/.test(name))
      .filter((name) => !used.has(name) && name !== "qmesh_decisions");

    assert.deepEqual(forgotten, []);
  });

  it("give every alert a severity, page or ticket, and a sentence", () => {
    for (const { alert, labels, annotations } of rules) {
      if (alert === undefined) continue;
      assert.match(labels?.severity ?? "", /^(page|ticket)$/, alert);
      assert.match(annotations?.summary ?? "", /\.|qmesh /, alert);
    }
  });

  it("are checked by an expression that is none and a name that is not exported", async () => {
    assert.throws(() => seriesOf("sum by (rate(qmesh_burn_rate[5m])"), SyntaxError);
    assert.equal((await exported()).has(seriesOf("rate(qmesh_nobody_total[5m])")[0] ?? ""), false);
  });

  it("load in promtool, where there is one", function () {
    const { error, status, stdout, stderr } = spawnSync(
      "promtool",
      ["check", "rules", ...RULE_FILES],
      {
        encoding: "utf8",
      },
    );
    if (error !== undefined) {
      process.stdout.write(
        "      skipped: promtool is not on PATH; the grammar alone was checked\n",
      );
      return this.skip();
    }
    assert.equal(status, 0, stdout + stderr);
  });
});
