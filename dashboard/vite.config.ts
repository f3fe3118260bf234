import { defineConfig } from "vite";

/** Built by `scripts/prepare.mjs` into `build/dashboard`, served at `/ui/`. */
export default defineConfig({
  base: "/ui/",
  build: {
    outDir: "../build/dashboard",
    emptyOutDir: true,
    target: "es2022",
    // Nothing is loaded later, so nothing has to be loaded early.
    modulePreload: false,
    // As files: what a page holds as data the content security policy would have to allow.
    assetsInlineLimit: 0,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
