import { removeTemporaryFolders } from "../../bench/temporary-folder.ts";

/** After each file of a parallel run, whose processes mocha kills. */
export const mochaHooks = { afterAll: removeTemporaryFolders };
