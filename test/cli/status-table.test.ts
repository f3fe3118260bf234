import assert from "node:assert/strict";
import type { StatusDocument } from "../../src/api/status-document.ts";
import { renderProxies, renderStatus } from "../../src/cli/status-table.ts";
import { nodeDocument, statusDocument } from "../api/documents.ts";

type Types = StatusDocument["nodes"][number]["types"];

const REJECTING: Types = [
  { type: "CDS", state: "SYNCED", version: "0123456789abcdef", rejections: [] },
  {
    ...{ type: "LDS", state: "REJECTED" },
    rejections: [{ name: "edge_80", message: "cannot bind '0.0.0.0:80':\nAddress already in use" }],
  },
  { type: "RDS", state: "NOT SENT", rejections: [] },
];

describe("proxies table", () => {
  it("has a row an Envoy, a column a type, and below every refusal in Envoy's words on one line", () => {
    const nodes = [
      nodeDocument(),
      nodeDocument({ id: "edge-22", connected: false, types: REJECTING }),
    ];

    assert.equal(
      renderProxies({ nodes }, "table"),
      [
        "NODE     ROLE          CONNECTED  CDS     EDS     LDS       RDS       ECDS",
        "edge-1   gateway/edge  yes        SYNCED  SYNCED  SYNCED    SYNCED    SYNCED",
        "edge-22  gateway/edge  no         SYNCED  -       REJECTED  NOT SENT  -",
        "",
        "edge-22 rejects LDS edge_80: cannot bind '0.0.0.0:80': Address already in use",
        "",
      ].join("\n"),
    );
  });

  it("adds a column for a type beyond the five, and the version of 8 digits in the wide form", () => {
    const types: Types = [
      { type: "SDS", state: "STALE", version: "fedcba9876543210", rejections: [] },
    ];

    const [header, row] = renderProxies({ nodes: [nodeDocument({ types })] }, "wide").split("\n");

    assert.match(header ?? "", /ECDS +SDS$/);
    assert.match(row ?? "", /STALE fedcba98$/);
  });

  it("says that no Envoy has connected", () => {
    assert.equal(renderProxies({ nodes: [] }, "table"), "No Envoy has connected.\n");
  });

  it("lets no node draw over another row: control characters become blanks", () => {
    const nodes = [nodeDocument({ id: "e\u001b[2Jvil\r\n", types: REJECTING })];

    assert.doesNotMatch(renderProxies({ nodes }, "table").replaceAll("\n", ""), /\p{Cc}/u);
  });
});

describe("status summary", () => {
  it("tells in five lines what is in force, then every scope with its state and why", () => {
    assert.equal(
      renderStatus(statusDocument(), "table"),
      [
        "control plane  qmesh 0.1.0, up since 2026-01-02T03:04:05.678Z",
        "intent         abababababab of 1 file, loaded 2026-01-02T03:04:06.000Z",
        "Envoys         1 connected of 1 known",
        "configuration  0 reject, 0 wait",
        "evidence       1 of 1 report in time",
        "",
        "NODE    SHEDDING  STATE      LIMIT  BOUNDS  IN FLIGHT  WHY",
        "edge-1  checkout  saturated  16     4-1000  16         480 of 600 requests/s were shed at a limit of 16",
        "",
      ].join("\n"),
    );
  });

  it("says that newer files are not in force, and why", () => {
    const problem = {
      ...{ severity: "error" as const, code: "QM0012", file: "shop.yaml", line: 14 },
      ...{ document: "Shedding/checkout", path: "spec.limit.min", message: "0 is below 1" },
    };
    const { intent } = statusDocument();

    const text = renderStatus(
      statusDocument({ intent: { ...intent, current: false, problems: [problem] } }),
      "table",
    );

    assert.match(text, /the files hold something newer that is NOT in force/);
    assert.match(
      text,
      /^error QM0012 shop\.yaml:14 Shedding\/checkout spec\.limit\.min: 0 is below 1$/m,
    );
  });

  it("says that nothing was loaded yet", () => {
    const intent = { current: false, files: [], problems: [] };

    assert.match(
      renderStatus(statusDocument({ intent, nodes: [], decisions: [] }), "table"),
      /^intent +none loaded$/m,
    );
  });

  it("adds what each tier got in the wide form", () => {
    const lines = renderStatus(statusDocument(), "wide").split("\n");

    assert.match(lines.at(-2) ?? "", /^edge-1 +checkout +default +120\.0 +480\.0 +0\.0 +0 +0$/);
  });

  it("shows telemetry that is not well, sources that disagree, and all of it in the wide form", () => {
    const telemetry = {
      services: [
        {
          ...{ service: "shop", state: "ok" as const, ageSeconds: 1 },
          sources: [{ source: "load reports", state: "late" as const, ageSeconds: 9 }],
        },
      ],
      signals: [{ name: "db.latency.p95", state: "blind" as const }],
      disagreements: [
        "edge-1 counts 900 requests to shop in its metrics and 10 in its load reports",
      ],
      refused: 0,
    };
    const narrow = renderStatus(statusDocument({ telemetry }), "table");
    assert.match(narrow, /^sources disagree: edge-1 counts 900 requests/m);
    assert.match(narrow, /^service shop by load reports +late +9 s +-$/m);
    assert.match(narrow, /^signal db\.latency\.p95 +blind +never +-$/m);
    assert.doesNotMatch(narrow, /^service shop +ok/m);
    assert.match(renderStatus(statusDocument({ telemetry }), "wide"), /^service shop +ok +1 s/m);
  });
});
