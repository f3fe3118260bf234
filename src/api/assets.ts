import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Hono } from "hono";

/**
 * The dashboard's files, read once into memory: what is asked for is looked up, never opened, so no path leads anywhere
 * else. The page may load from here and nowhere else, and nobody may frame it.
 */
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
}

export type Assets = ReadonlyMap<string, Asset>;

/** By path below `/ui/`. Empty if the folder is not there: a library's user need not build the dashboard. */
export function loadAssets(folder: string): Assets {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return new Map(
    names.flatMap((name): [string, Asset][] => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const bytes = readFileSync(join(folder, name));
      const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
      return [[name.replaceAll("\\", "/"), { bytes, type, etag: `"${hash}"` }]];
    }),
  );
}

export function assetRoutes(assets: Assets): Hono {
  const app = new Hono();
  app.get("/ui", (context) => context.redirect("/ui/", 301));
  app.get("/ui/*", async (context, next) => {
    const name = context.req.path.slice("/ui/".length) || "index.html";
    const asset = assets.get(name);
    if (asset === undefined) return next();
    const { bytes, type, etag } = asset;
    const headers = {
      etag,
      "content-type": type,
      "content-security-policy": POLICY,
      "referrer-policy": "no-referrer",
      // Names of scripts and styles hold their hash.
      "cache-control": type.startsWith("text/html") ? "no-cache" : "max-age=31536000, immutable",
    };
    if (context.req.header("if-none-match") === etag) return context.body(null, 304, headers);
    return context.body(new Uint8Array(bytes), 200, headers);
  });
  return app;
}
