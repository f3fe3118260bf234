import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { waitingFor } from "../../src/cli/progress.ts";
import { againMark, watching } from "../../src/cli/watch.ts";
import { type ExampleServer, exampleServer } from "../support/operators/example-server.ts";
import { runQmesh } from "../support/run-cli.ts";

describe("-w", () => {
  for (const [where, stream, environment, mark] of [
    ["a terminal", { isTTY: true }, {}, "\u001b[H\u001b[2J"],
    ["a terminal with NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, "\n"],
    [
      "a terminal with an empty NO_COLOR, which is none",
      { isTTY: true },
      { NO_COLOR: "" },
      "\u001b[H\u001b[2J",
    ],
    ["a terminal that cannot", { isTTY: true }, { TERM: "dumb" }, "\n"],
    ["a pipe", {}, {}, "\n"],
  ] as const)
    it(`puts ${JSON.stringify(mark)} between two looks on ${where}`, () => {
      assert.equal(againMark(stream, environment), mark);
    });

  it("looks 2 times at what is over at the second, and ends with its exit code", async () => {
    let looks = 0;
    const code = await watching({ watch: true }, async () => {
      looks += 1;
      return { text: "", exitCode: looks, isOver: looks === 2 };
    });

    assert.deepEqual([looks, code], [2, 2]);
  });
});

describe("progress", () => {
  class Terminal extends EventEmitter {
    readonly written: string[] = [];

    constructor(readonly isTTY: boolean) {
      super();
    }

    write(text: string): void {
      this.written.push(text);
      this.emit("written");
    }
  }

  it("counts seconds on a terminal, without an escape code, and takes the line off again; meanwhile nothing of what was quicker than a second, and nothing off a terminal", async () => {
    const [quick, pipe, shown] = [new Terminal(true), new Terminal(false), new Terminal(true)];
    waitingFor("x", quick)();
    const endPipe = waitingFor("x", pipe);
    const end = waitingFor("waiting for cp:8080", shown);
    await once(shown, "written");
    end();
    end();
    endPipe();

    assert.deepEqual(shown.written, ["\rwaiting for cp:8080, 1 s", `\r${" ".repeat(24)}\r`]);
    assert.deepEqual([quick.written, pipe.written], [[], []]);
  });
});

describe("qmesh rollout status", () => {
  let server: ExampleServer;
  before(async () => {
    server = await exampleServer({ pastSeconds: 1 });
  });
  after(() => server.stop());

  for (const [name, code, sentence] of [
    ["checkout", 1, /checkout from v41 to v42, rolled back/],
    ["search", 4, /Rollout search is waiting after 1 s: waits for someone of role approver/],
    ["none", 1, /there is no Rollout none/],
  ] as const)
    it(`ends with ${code} for ${name}`, async () => {
      const asked = ["rollout", "status", name, "--timeout", "1s", "--server", server.url];
      const ended = await runQmesh(...asked);

      assert.equal(ended.code, code);
      assert.match(ended.stdout + ended.stderr, sentence);
    });
});
