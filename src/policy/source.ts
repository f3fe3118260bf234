/**
 * From files to documents: YAML 1.2 read with line positions, any number of documents per file, empty ones skipped, and a
 * `v1 List` as `kubectl get -o yaml` prints it taken apart. All that is wrong with the text is reported; a document
 * that cannot be read is left out, and the set will not load.
 */
import { type Document, isMap, isSeq, LineCounter, type ParsedNode, parseAllDocuments } from "yaml";
import { type Path, valueAt } from "./path.ts";
import type { Place, Report } from "./report.ts";
import { compareText } from "./report.ts";
import { show } from "./show.ts";
import { nestsTooDeep } from "./yaml-depth.ts";
import { keyText, YamlReader } from "./yaml-value.ts";

/** Room for some 50,000 endpoints. */
const MOST_CHARACTERS = 4_194_304;

export interface PolicyFile {
  /** As shown in problems; the set does not depend on it. */
  readonly file: string;
  readonly text: string;
}

export interface SourceDocument extends Place {
  readonly root: Readonly<Record<string, unknown>>;
}

type Parsed = Document.Parsed<ParsedNode>;

export interface Sources {
  readonly documents: readonly SourceDocument[];
  /** Something could not be read at all, so a name that is not found may stand there. */
  readonly isIncomplete: boolean;
}

export function readDocuments(files: readonly PolicyFile[], report: Report): Sources {
  const documents = [...files]
    .sort((a, b) => compareText(a.file, b.file) || compareText(a.text, b.text))
    .flatMap((file) => readFile(file, report));
  return { documents, isIncomplete: report.sorted().length > 0 };
}

function readFile({ file, text }: PolicyFile, report: Report): SourceDocument[] {
  const wholeFile: Place = { file, document: "document 1", lineOf: () => 1 };
  if (text.length > MOST_CHARACTERS) {
    const message = `${text.length} characters is above ${MOST_CHARACTERS}; split the file`;
    report.add(wholeFile, { code: "QM0003", path: [], message });
    return [];
  }
  const lines = new LineCounter();
  const documents = parseText(text, lines);
  if (documents === undefined) {
    report.add(wholeFile, {
      code: "QM0003",
      path: [],
      message: "the text nests too deep to be read",
    });
    return [];
  }
  const lineAt = (offset: number) => Math.max(1, lines.linePos(Math.min(offset, text.length)).line);
  return documents.flatMap((document, index) =>
    readDocument(document, { file, name: `document ${index + 1}`, lineAt }, report),
  );
}

function parseText(text: string, lineCounter: LineCounter): Parsed[] | undefined {
  if (nestsTooDeep(text)) return undefined;
  const options = { lineCounter, prettyErrors: false, uniqueKeys: false, version: "1.2" } as const;
  return [...parseAllDocuments(text, options)] as Parsed[];
}

interface Origin {
  readonly file: string;
  readonly name: string;
  lineAt(offset: number): number;
}

function readDocument(document: Parsed, origin: Origin, report: Report): SourceDocument[] {
  const { file, name, lineAt } = origin;
  const wrongAt = (
    offset: number,
    code: "QM0001" | "QM0002" | "QM0003" | "QM0004" | "QM0008",
    message: string,
  ) =>
    report.add({ file, document: name, lineOf: () => lineAt(offset) }, { code, path: [], message });
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    wrongAt(pos[0], "QM0001", firstLine(message));
  }
  if (document.errors.length > 0 || document.warnings.length > 0) return [];
  const start = document.contents?.range[0] ?? document.range[0];
  if (document.directives.yaml.version !== "1.2") {
    wrongAt(document.range[0], "QM0001", "%YAML 1.1 is not read; write YAML 1.2");
    return [];
  }
  const reader = new YamlReader();
  const value = reader.read(document.contents);
  for (const { offset, code, message } of reader.troubles) {
    wrongAt(offset, code as "QM0001", message);
  }
  if (value === null || reader.troubles.length > 0) return [];
  if (!isMapping(value)) {
    wrongAt(
      start,
      "QM0004",
      `${show(value)} is not a document with apiVersion, kind, metadata and spec`,
    );
    return [];
  }
  const lineOf = (path: Path) => lineAt(offsetOf(document.contents, path, reader));
  return takeApart({ file, document: name, lineOf, root: value }, report);
}

/** The items of a `List`, each a document of its own; any other document as it is. */
function takeApart(whole: SourceDocument, report: Report): SourceDocument[] {
  const { root, file } = whole;
  if (root.kind !== "List" || root.apiVersion !== "v1" || !Array.isArray(root.items)) {
    return [labelled(whole)];
  }
  return root.items.flatMap((item: unknown, index) => {
    if (!isMapping(item)) {
      const path = ["items", index];
      report.add(whole, { code: "QM0004", path, message: `${show(item)} is not a document` });
      return [];
    }
    const lineOf = (path: Path) => whole.lineOf(["items", index, ...path]);
    return [
      labelled({ file, document: `${whole.document} item ${index + 1}`, lineOf, root: item }),
    ];
  });
}

function labelled(source: SourceDocument): SourceDocument {
  const name = valueAt(source.root, ["metadata", "name"]);
  const { kind } = source.root;
  const isNamed = typeof kind === "string" && typeof name === "string" && name !== "";
  return isNamed ? { ...source, document: `${kind}/${name}`.slice(0, 200) } : source;
}

/** Where the key or list entry at `path` begins, or its nearest ancestor that is there. */
function offsetOf(contents: ParsedNode | null, path: Path, reader: YamlReader): number {
  let node: ParsedNode | null = contents;
  let offset = contents?.range[0] ?? 0;
  for (const step of path) {
    node = reader.resolve(node);
    if (isMap(node)) {
      const pair = (node as { items: { key: ParsedNode; value: ParsedNode | null }[] }).items.find(
        ({ key }) => keyText(key) === step,
      );
      if (pair === undefined) break;
      offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number" && node.items[step] !== undefined) {
      node = node.items[step] as ParsedNode;
      offset = node.range[0];
    } else {
      break;
    }
  }
  return offset;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
