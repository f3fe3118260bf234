/** A file of endpoints: YAML, one mapping with `endpoints`, each as a Service writes it. */
import { z } from "zod";
import { endpoint, toEndpoint } from "./endpoint.ts";
import { fields } from "./fields.ts";
import type { Endpoint } from "./intent/endpoint.ts";
import { readLenient } from "./lenient.ts";
import { printPath } from "./path.ts";
import { Report } from "./report.ts";
import { readDocuments } from "./source.ts";

const content = fields({ endpoints: z.array(endpoint).max(10_000) });

export interface EndpointsFile {
  readonly endpoints: readonly Endpoint[];
  /** `LINE PATH: what is wrong`; with any of them `endpoints` is not whole. */
  readonly faults: readonly string[];
}

export function readEndpointsFile(text: string): EndpointsFile {
  const report = new Report();
  const { documents } = readDocuments([{ file: "", text }], report);
  const unread = report.sorted().map(({ line, message }) => `${line} ${message}`);
  const [source, second] = documents;
  if (source === undefined || unread.length > 0) {
    return { endpoints: [], faults: unread.length > 0 ? unread : ["1 holds no endpoints"] };
  }
  if (second !== undefined) {
    return { endpoints: [], faults: [`${second.lineOf([])} holds a second document`] };
  }
  const reading = readLenient(content, source.root);
  const endpoints = (reading.value?.endpoints ?? []).map(toEndpoint);
  const faults = reading.findings.map(
    ({ path, message }) => `${source.lineOf(path)} ${printPath(path)}: ${message}`,
  );
  return { endpoints: unique(endpoints), faults };
}

/** A file is written by programs, which may list an endpoint twice; once is what they mean. */
function unique(endpoints: readonly Endpoint[]): Endpoint[] {
  const byAddress = new Map(endpoints.map((each) => [`${each.host} ${each.port}`, each]));
  return [...byAddress.values()];
}
