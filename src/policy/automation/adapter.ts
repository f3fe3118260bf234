/**
 * `Adapter`: an outside system. Signals that the mesh does not see itself come from `signals`, where it posts them, each post signed with
 * the secret of a file (HMAC-SHA256), from `otlp`, whose exporters send them with the secret as their token, and from `prometheus`, a server that is asked a query now and then, each answer one number. Alerts
 * go to `alertmanager` and to `webhook`, whose posts are signed the same way; the steps of Runbooks go to `webhook`.
 */
import { z } from "zod";
import type { ReadBeside } from "../beside-file.ts";
import type { Draft } from "../draft.ts";
import { refuseRepeats } from "../draft.ts";
import { fields, oneOf, text } from "../fields.ts";
import type { Adapter } from "../intent/adapter.ts";
import { show } from "../show.ts";
import { span } from "../span.ts";

const MOST_SIGNALS = 256;
const LEAST_SECRET = 16;
const SIGNAL = /^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;
/** What the mesh itself says of every scope. */
export const OWN_SIGNALS: readonly string[] = ["requests"];

const signalName = text((value) => {
  if (OWN_SIGNALS.includes(value))
    return `QM0029 ${show(value)} is the mesh's own; take another name`;
  return SIGNAL.test(value) && value.length <= 128
    ? undefined
    : `QM0029 ${show(value)} is not the name of a signal, such as db.latency.p95`;
});
const url = text((value) =>
  URL.canParse(value) && /^https?:\/\//.test(value) && !/[?#@]/.test(value)
    ? undefined
    : `QM0012 ${show(value)} is not an http or https address such as http://prometheus:9090`,
).max(1024);

export const adapterSpec = fields({
  type: oneOf(["signals", "prometheus", "otlp", "alertmanager", "webhook"], {
    flags: "feature flags are",
    soar: "systems that carry out steps are",
    idp: "identity providers are",
  }).exactOptional(),
  secretFile: z.string().min(1).max(1024).exactOptional(),
  signals: z
    .array(fields({ name: signalName, maxAge: span().default(60) }))
    .max(MOST_SIGNALS)
    .exactOptional(),
  metrics: z
    .array(
      fields({
        signal: signalName,
        metric: z.string().min(1).max(256),
        where: z.record(z.string(), z.string().max(256)).default({}),
        quantile: z.number().gt(0).lt(1).exactOptional(),
        maxAge: span().default(60),
      }),
    )
    .max(MOST_SIGNALS)
    .exactOptional(),
  url: url.exactOptional(),
  queries: z
    .array(
      fields({
        signal: signalName,
        query: z.string().min(1).max(4096),
        interval: span({ most: 3600 }).default(15),
      }),
    )
    .max(MOST_SIGNALS)
    .exactOptional(),
  for: z.array(z.string().min(1).max(253)).min(1).max(64).exactOptional(),
});

export type AdapterSpec = z.output<typeof adapterSpec>;

type Part = "secretFile" | "signals" | "url" | "queries" | "metrics" | "for";
/** What each type needs, and what it may have beside. */
const PARTS: Readonly<Record<Adapter["kind"], { needs: readonly Part[]; may: readonly Part[] }>> = {
  signals: { needs: ["secretFile", "signals"], may: [] },
  prometheus: { needs: ["url"], may: ["queries"] },
  otlp: { needs: ["secretFile", "metrics"], may: [] },
  alertmanager: { needs: ["url"], may: ["secretFile", "for"] },
  webhook: { needs: ["url", "secretFile"], may: ["for"] },
};
const ALL_PARTS: readonly Part[] = ["secretFile", "signals", "url", "queries", "metrics", "for"];

export function checkAdapter(draft: Draft<AdapterSpec>, read: ReadBeside): void {
  const { spec } = draft;
  const { type } = spec;
  if (type === undefined) {
    draft.lacks("QM0007", ["type"], "missing; signals, prometheus, otlp, alertmanager or webhook");
    return;
  }
  const { needs, may } = PARTS[type];
  for (const part of ALL_PARTS) {
    if (spec[part] === undefined || needs.includes(part) || may.includes(part)) continue;
    const others = Object.entries(PARTS).filter(([, each]) =>
      [...each.needs, ...each.may].includes(part),
    );
    const names = others.map(([name]) => name).join(" or ");
    draft.wrong("QM0115", [part], `belongs to type ${names}, and this is of type ${type}`);
  }
  for (const part of needs) {
    if (spec[part] === undefined) draft.lacks("QM0007", [part], `missing; type ${type} needs it`);
  }
  checkSecret(draft, read);
  const signals = (spec.signals ?? []).map(({ name }) => name);
  refuseRepeats(draft, { path: ["signals"], names: signals, field: "name" });
  const asked = (spec.queries ?? []).map(({ signal }) => signal);
  refuseRepeats(draft, { path: ["queries"], names: asked, field: "signal" });
  const told = (spec.metrics ?? []).map(({ signal }) => signal);
  refuseRepeats(draft, { path: ["metrics"], names: told, field: "signal" });
}

function checkSecret(draft: Draft<AdapterSpec>, read: ReadBeside): void {
  const { secretFile } = draft.spec;
  if (secretFile === undefined) return;
  const file = read(draft.source.file, secretFile);
  if (!file.ok) {
    draft.wrong("QM0023", ["secretFile"], `${secretFile} cannot be read (${file.why})`);
  } else if (file.text.trim().length < LEAST_SECRET) {
    const message = `${secretFile} holds less than the ${LEAST_SECRET} characters of a secret`;
    draft.wrong("QM0023", ["secretFile"], message);
  }
}

/** Names of the signals it brings, with the path of each. */
export function signalsOf({ signals = [], queries = [], metrics = [] }: AdapterSpec) {
  return [
    ...signals.map(({ name }, index) => ({ name, path: ["signals", index, "name"] })),
    ...queries.map(({ signal }, index) => ({ name: signal, path: ["queries", index, "signal"] })),
    ...metrics.map(({ signal }, index) => ({ name: signal, path: ["metrics", index, "signal"] })),
  ];
}

export function toAdapter(
  draft: Draft<AdapterSpec>,
  owner: string | undefined,
  read: ReadBeside,
): Adapter {
  const { spec, name } = draft;
  const common = { name, ...(owner !== undefined && { owner }) };
  const {
    type,
    secretFile,
    signals = [],
    url = "",
    queries = [],
    metrics = [],
    for: teams = [],
  } = spec;
  const secret = secretFile === undefined ? undefined : read(draft.source.file, secretFile);
  if (secret?.ok === false) throw new Error(`invariant: ${secretFile} is gone`);
  const keyed = secret === undefined ? {} : { secretFile: secret.absolutePath };
  switch (type) {
    case "signals":
      return {
        ...common,
        kind: type,
        secretFile: secret?.absolutePath ?? "",
        signals: signals.map(({ name, maxAge }) => ({ name, maxAgeSeconds: maxAge })),
      };
    case "prometheus":
      return {
        ...common,
        kind: type,
        url,
        queries: queries.map(({ signal, query, interval }) => ({
          signal,
          query,
          intervalSeconds: interval,
        })),
      };
    case "otlp":
      return {
        ...common,
        kind: type,
        secretFile: secret?.absolutePath ?? "",
        metrics: metrics.map(({ maxAge, quantile, ...rest }) => ({
          ...rest,
          ...(quantile !== undefined && { quantile }),
          maxAgeSeconds: maxAge,
        })),
      };
    case "alertmanager":
      return { ...common, kind: type, url, ...keyed, for: [...teams].sort() };
    case "webhook":
      return {
        ...common,
        kind: type,
        url,
        secretFile: secret?.absolutePath ?? "",
        for: [...teams].sort(),
      };
    default:
      throw new Error(`invariant: Adapter ${name} was not checked`);
  }
}
