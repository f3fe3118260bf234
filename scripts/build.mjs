// npm run build: install and build, each only if something changed since.
import { main, prepare } from "./prepare.mjs";

await main(prepare);
