import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/project-root.ts";
import { commandsPage } from "./commands-page.ts";
import { policyReference } from "./policy-reference.ts";
import { problemPages } from "./problem-pages.ts";

/** `npm run docs`: writes the generated pages anew; a test asks that they are current. */
const folder = join(projectRoot, "docs/problems");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [name, text] of problemPages()) writeFileSync(join(folder, name), text);
writeFileSync(join(projectRoot, "docs/policy-reference.md"), policyReference());
writeFileSync(join(projectRoot, "docs/commands.md"), commandsPage());
