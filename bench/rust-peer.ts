import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { JsonObject } from "../src/resources/resource.ts";

/**
 * The filter of `bench/peers/rust-filter`, built where cargo and its Wasm target are there. Nothing is installed for it:
 * whoever wants the comparison has Rust and `rustup target add wasm32-wasip1`.
 */
const TARGET = "wasm32-wasip1";
const projectRoot = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** The path of the module, or why there is none. */
export type RustPeer =
  | { readonly ok: true; readonly path: string; readonly version: string }
  | { readonly ok: false; readonly reason: string };

export async function buildRustPeer(): Promise<RustPeer> {
  const folder = `${projectRoot}bench/peers/rust-filter`;
  const targetDir = `${projectRoot}build/rust`;
  try {
    const { stdout } = await run("cargo", ["--version"]);
    await run(
      "cargo",
      ["build", "--release", "--locked", "--target", TARGET, "--target-dir", targetDir],
      { cwd: folder },
    );
    const path = `${targetDir}/${TARGET}/release/rust_filter.wasm`;
    return { ok: true, path, version: stdout.trim() };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
  if (code === "ENOENT") return "there is no cargo";
  if (/can't find crate for `(core|std)`/.test(stderr))
    return `\`rustup target add ${TARGET}\` is missing`;
  return stderr.split("\n").find((line) => line.startsWith("error")) ?? String(error);
}

/** With the tiers and the limit that `overhead.ts` gives ours. */
export function rustFilter(filename: string, limit: number): JsonObject {
  const lines = [
    `limit ${limit}`,
    "tier critical x-criticality critical",
    "tier default",
    "tier sheddable x-criticality sheddable",
  ];
  return {
    name: "rust",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config: {
        name: "rust",
        root_id: "rust",
        vm_config: {
          vm_id: "rust",
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename } },
        },
        configuration: {
          "@type": "type.googleapis.com/google.protobuf.StringValue",
          value: lines.join("\n"),
        },
      },
    },
  };
}
