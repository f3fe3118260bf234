import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { projectRoot } from "./support/project-root.ts";

/** The table of folders of docs/architecture.md: a folder imports only these folders of `src`, and itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/proto": [],
  "src/policy": ["src/core"],
  "src/evidence": ["src/core"],
  "src/identity": ["src/policy"],
  "src/decide": ["src/core", "src/policy", "src/evidence"],
  "src/resources": ["src/core", "src/policy", "src/decide", "src/proto", "src/identity"],
  "src/xds": ["src/proto"],
  "src/telemetry": ["src/proto", "src/evidence"],
  "src/store": [],
  "src/audit": ["src/policy", "src/decide", "src/store"],
  "src/adapters": ["src/core", "src/proto", "src/policy", "src/decide"],
  "src/control": [
    "src/core",
    "src/proto",
    "src/policy",
    "src/evidence",
    "src/identity",
    "src/decide",
    "src/resources",
    "src/xds",
    "src/telemetry",
    "src/store",
    "src/audit",
  ],
  "src/api": [
    "src/core",
    "src/proto",
    "src/policy",
    "src/evidence",
    "src/identity",
    "src/decide",
    "src/resources",
    "src/xds",
    "src/telemetry",
    "src/store",
    "src/audit",
    "src/control",
  ],
  "wasm-filter": ["src/core"],
};

/** Leaves handed on as arguments, and the composition root: they may import anything and only the root imports them. */
const RIM = ["src/cli", "src/main.ts", "src/log.ts", "src/metrics.ts"];

interface Import {
  readonly file: string;
  readonly from: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(projectRoot, file), "utf8");
  const specifiers = [...text.matchAll(/(?:from|import)\s+"(\.{1,2}\/[^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
  return specifiers.map((specifier) => ({
    file,
    from: relative(projectRoot, join(projectRoot, dirname(file), specifier)),
  }));
}

function folderOf(path: string): string {
  if (path.startsWith("wasm-filter/")) return "wasm-filter";
  return path.split("/").slice(0, 2).join("/");
}

const files = [...sources("src"), ...sources("wasm-filter")];

describe("architecture", () => {
  it("reads more than 50 source files", () => {
    assert.ok(files.length > 50, `only ${files.length} files seen`);
  });

  it("lets a folder import only the folders its row of the table names", () => {
    const broken = files.flatMap(importsOf).filter(({ file, from }) => {
      const own = folderOf(file);
      const target = folderOf(from);
      if (own === target || RIM.includes(own)) return false;
      return !(MAY_IMPORT[own] ?? []).includes(target);
    });
    assert.deepEqual(broken, []);
  });

  it("gives every folder of src a row", () => {
    const folders = [...new Set(files.map(folderOf))].filter((folder) => !RIM.includes(folder));
    assert.deepEqual(
      folders.filter((folder) => MAY_IMPORT[folder] === undefined),
      [],
    );
  });

  it("imports only files that exist, with their extension", () => {
    const missing = files
      .flatMap(importsOf)
      .filter(({ from }) => !existsSync(join(projectRoot, from)));
    assert.deepEqual(missing, []);
  });

  it("keeps Math.random and Date out of the pure folders", () => {
    const pure = files.filter((file) =>
      /^src\/(core|policy|evidence|decide|resources|xds)\//.test(file),
    );
    const impure = pure.filter((file) =>
      /\bMath\.random\b|\bnew Date\b|\bDate\.now\b/.test(
        readFileSync(join(projectRoot, file), "utf8"),
      ),
    );
    assert.deepEqual(impure, []);
  });

  it("lets the dashboard take of src only types of the API's views", () => {
    const page = readdirSync(join(projectRoot, "dashboard/src"), {
      recursive: true,
      encoding: "utf8",
    })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join("dashboard/src", name));
    const foreign = page
      .flatMap(importsOf)
      .filter(({ from }) => !from.startsWith("dashboard/") && !from.startsWith("src/api/view/"));
    const asValues = page.filter((file) =>
      /import (?!type)[^;]*from "[./]+src\//.test(readFileSync(join(projectRoot, file), "utf8")),
    );

    assert.ok(page.length > 20, `only ${page.length} files seen`);
    assert.deepEqual(foreign, []);
    assert.deepEqual(asValues, []);
  });

  it("has no barrel and no catch-all file", () => {
    const names = files.map((file) => file.split("/").at(-1) ?? "");
    const allowed = new Set(["wasm-filter/assembly/index.ts"]);
    const bad = files.filter(
      (file, i) =>
        !allowed.has(file) && /^(index|utils?|common|helpers?|types)\.ts$/.test(names[i] ?? ""),
    );
    assert.deepEqual(bad, []);
  });

  it("names only paths that exist in docs/architecture.md", () => {
    const text = readFileSync(join(projectRoot, "docs/architecture.md"), "utf8");
    const paths = [
      ...text.matchAll(
        /`((?:src|wasm-filter|proto|envoy|examples|bench|scripts|test|docs)\/[\w./-]*)`/g,
      ),
    ];
    assert.ok(paths.length > 20, `only ${paths.length} paths named`);
    assert.deepEqual(
      paths.map(([, path]) => path).filter((path) => !existsSync(join(projectRoot, path ?? ""))),
      [],
    );
  });
});
