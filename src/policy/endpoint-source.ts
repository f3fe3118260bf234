/**
 * Where the endpoints of a version come from: written in the document, asked of DNS by every Envoy itself, or a file beside the
 * document, which holds `endpoints:` as the document would. A list may be empty: then the service is known and answers 503.
 */
import { z } from "zod";
import { dnsName } from "./address.ts";
import type { BesideFile, ReadBeside } from "./beside-file.ts";
import type { Draft } from "./draft.ts";
import { endpoint, toEndpoint } from "./endpoint.ts";
import { readEndpointsFile } from "./endpoints-file.ts";
import type { ServiceVersion } from "./intent/service.ts";
import type { Path } from "./path.ts";

export const endpointSources = {
  endpoints: z.array(endpoint).max(10_000).exactOptional(),
  dns: dnsName.exactOptional(),
  file: z.string().min(1).max(4096).exactOptional(),
};

const SOURCES = ["endpoints", "dns", "file"] as const;

export interface SourceSpec {
  readonly endpoints?: readonly z.output<typeof endpoint>[];
  readonly dns?: z.output<typeof dnsName>;
  readonly file?: string;
}

export function sourcesIn(spec: SourceSpec): (typeof SOURCES)[number][] {
  return SOURCES.filter((source) => spec[source] !== undefined);
}

export function checkSource(
  draft: Draft<unknown>,
  spec: SourceSpec,
  { path, read }: { readonly path: Path; readonly read: ReadBeside },
): void {
  const [first, second] = sourcesIn(spec);
  if (first !== undefined && second !== undefined) {
    const message = `${first} and ${second} are both there; keep one`;
    draft.wrong("QM0115", [...path, second], message);
  }
  if (spec.endpoints !== undefined) checkRepeats(draft, spec.endpoints, [...path, "endpoints"]);
  if (spec.file !== undefined) checkFile(draft, spec.file, { path: [...path, "file"], read });
}

function checkRepeats(
  draft: Draft<unknown>,
  specs: NonNullable<SourceSpec["endpoints"]>,
  path: Path,
): void {
  const seen = new Map<string, number>();
  for (const [index, spec] of specs.entries()) {
    const { host, port } = toEndpoint(spec);
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const first = seen.get(address);
    if (first === undefined) seen.set(address, index);
    else {
      const message = `${address} is already endpoint ${draft.indexOf([...path, first])}`;
      draft.wrong("QM0102", [...path, index], message);
    }
  }
}

function checkFile(
  draft: Draft<unknown>,
  name: string,
  { path, read }: { readonly path: Path; readonly read: ReadBeside },
): void {
  const file = read(draft.source.file, name);
  if (!file.ok) {
    draft.wrong("QM0023", path, `${name} cannot be read (${file.why})`);
    return;
  }
  for (const fault of readEndpointsFile(file.text).faults) {
    draft.wrong("QM0023", path, `${name}:${fault}`);
  }
}

/** Of a spec that passed its check. */
export function toVersion(
  name: string,
  { endpoints = [], dns, file }: SourceSpec,
  load: (path: string) => BesideFile,
): ServiceVersion {
  if (dns !== undefined) return { name, endpoints: [], dns };
  if (file === undefined) return { name, endpoints: endpoints.map(toEndpoint) };
  const found = load(file);
  if (!found.ok) throw new Error(`invariant: ${file} is gone`);
  return { name, endpoints: readEndpointsFile(found.text).endpoints };
}
