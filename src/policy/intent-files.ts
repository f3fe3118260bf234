/**
 * A file of endpoints may lie in the folder of intent, under a name that ends in .yaml. It is no file of documents if it looks like one
 * of endpoints and a Service names it; one that nobody names is read as documents, so that a slip is told.
 */
import { dirname, join, normalize } from "node:path/posix";
import { valueAt } from "./path.ts";
import { Report } from "./report.ts";
import { isMapping, type PolicyFile, readDocuments, type SourceDocument } from "./source.ts";

export function documentFiles(files: readonly PolicyFile[]): readonly PolicyFile[] {
  const suspects = new Set(files.filter(looksLikeEndpoints));
  if (suspects.size === 0) return files;
  const { documents } = readDocuments(
    files.filter((file) => !suspects.has(file)),
    new Report(),
  );
  const named = new Set(documents.flatMap(filesNamedIn));
  return files.filter((each) => !suspects.has(each) || !named.has(normalize(each.file)));
}

const PART_OF_A_DOCUMENT = /^["']?(?:apiVersion|kind|metadata|spec|items)["']?\s*:/m;
const ENDPOINTS = /^\{?\s*["']?endpoints["']?\s*:/m;

function looksLikeEndpoints({ text }: PolicyFile): boolean {
  return ENDPOINTS.test(text) && !PART_OF_A_DOCUMENT.test(text);
}

/** As `PolicyFile.file` would name them. */
function filesNamedIn({ file, root }: SourceDocument): string[] {
  const versions = valueAt(root, ["spec", "versions"]);
  const all = [root.spec, ...(isMapping(versions) ? Object.values(versions) : [])];
  return all
    .map((part) => valueAt(part, ["file"]))
    .filter((name) => typeof name === "string")
    .map((name) => (name.startsWith("/") ? normalize(name) : join(dirname(file), name)));
}
