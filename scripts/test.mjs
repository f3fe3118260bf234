// npm test: everything. Lint and dead code first, then the suites without Envoy, then those with the real one.
import { spawn } from "node:child_process";
import { main, prepare, startNode } from "./prepare.mjs";

const SUITES = [
  ["unit, property, scenario and parity tests", []],
  ["browser tests", ["--config", ".mocharc.browser.json"]],
  ["real-Envoy tests, two files at a time", ["--config", ".mocharc.envoy.json"]],
  ["real-Envoy tests that need the machine for themselves", ["--config", ".mocharc.load.json"]],
];

await main(async () => {
  await prepare();
  const check = await startNode("scripts/check.mjs", []);
  const total = { passed: 0, failed: check === 0 ? 0 : 1 };
  for (const [name, args] of SUITES) {
    process.stdout.write(`\n== ${name}\n`);
    const suite = await mocha(args);
    total.passed += suite.passed;
    total.failed += suite.failed;
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
});

function mocha(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["node_modules/mocha/bin/mocha.js", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let tail = "";
    child.stdout.on("data", (chunk) => {
      process.stdout.write(chunk);
      tail += chunk;
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      const count = (word) => Number(new RegExp(`^ +(\\d+) ${word}`, "m").exec(tail)?.[1] ?? 0);
      const [passed, failed] = [count("passing"), count("failing")];
      resolve({ passed, failed: code === 0 && passed > 0 ? failed : Math.max(failed, 1) });
    });
  });
}
