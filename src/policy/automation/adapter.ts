/**
 * `Adapter`: where signals come from that the mesh does not see itself. `signals`: an outside system posts them, each post signed with
 * the secret of a file (HMAC-SHA256). `otlp`: its exporters send them, with the secret as their token. `prometheus`: a server is
 * asked a query now and then, each answer one number.
 */
import { z } from "zod";
import type { Adapter } from "../automation.ts";
import type { ReadBeside } from "../beside-file.ts";
import type { Draft } from "../draft.ts";
import { refuseRepeats } from "../draft.ts";
import { fields, oneOf, text } from "../fields.ts";
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
  type: oneOf(["signals", "prometheus", "otlp"], {
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
});

export type AdapterSpec = z.output<typeof adapterSpec>;

const PARTS = {
  signals: ["secretFile", "signals"],
  prometheus: ["url", "queries"],
  otlp: ["secretFile", "metrics"],
} as const;
/** Of those without it there is nothing to do. */
const NEEDED = {
  signals: PARTS.signals,
  prometheus: ["url"],
  otlp: PARTS.otlp,
} as const;

export function checkAdapter(draft: Draft<AdapterSpec>, read: ReadBeside): void {
  const { spec } = draft;
  const { type } = spec;
  if (type === undefined) {
    draft.lacks("QM0007", ["type"], "missing; signals, prometheus or otlp");
    return;
  }
  const own: readonly string[] = PARTS[type];
  for (const other of ["signals", "prometheus", "otlp"] as const) {
    for (const part of PARTS[other]) {
      if (spec[part] === undefined || own.includes(part) || part === "secretFile") continue;
      draft.wrong("QM0115", [part], `belongs to type ${other}, and this is of type ${type}`);
    }
  }
  if (type === "prometheus" && spec.secretFile !== undefined) {
    const message = "belongs to type signals, and this is of type prometheus";
    draft.wrong("QM0115", ["secretFile"], message);
  }
  for (const part of NEEDED[type]) {
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
  const { secretFile, signals = [], metrics = [], url, queries = [] } = spec;
  if (spec.type !== "prometheus" && secretFile !== undefined) {
    const secret = read(draft.source.file, secretFile);
    if (!secret.ok) throw new Error(`invariant: ${secretFile} is gone`);
    const shown = { ...common, secretFile: secret.absolutePath };
    if (spec.type === "otlp") {
      const told = metrics.map(({ maxAge, quantile, ...rest }) => ({
        ...rest,
        ...(quantile !== undefined && { quantile }),
        maxAgeSeconds: maxAge,
      }));
      return { ...shown, kind: "otlp", metrics: told };
    }
    return {
      ...shown,
      kind: "signals",
      signals: signals.map(({ name, maxAge }) => ({ name, maxAgeSeconds: maxAge })),
    };
  }
  if (url === undefined) throw new Error(`invariant: Adapter ${name} was not checked`);
  return {
    ...common,
    kind: "prometheus",
    url,
    queries: queries.map(({ signal, query, interval }) => ({
      signal,
      query,
      intervalSeconds: interval,
    })),
  };
}
