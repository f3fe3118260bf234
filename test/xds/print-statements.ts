import { findCases, renderTable } from "./statements.ts";

/** Prints the table of docs/xds-statements.md: `node dist/test/xds/print-statements.js`. */
process.stdout.write(renderTable(findCases()));
