import Mocha from "mocha";

/** The tests of one file, without a limit of time; each sends what came of it after its milestones. Ends with its parent. */
export type TestMessage =
  | { readonly milestone: string; readonly seconds: number }
  | { readonly title: string; readonly seconds: number; readonly fault?: string };

process.once("disconnect", () => process.exit(1));
const [, , file = ""] = process.argv;
const mocha = new Mocha({ timeout: 0, reporter: "min" });
mocha.addFile(file);
await mocha.loadFilesAsync();
const runner = mocha.run(() => process.disconnect());
runner.on("pass", (test) => tell(test));
runner.on("fail", (test, error) => tell(test, error.message));

function tell(test: Mocha.Runnable, fault?: string): void {
  const [first = fault ?? "no cause"] = fault?.split("\n") ?? [];
  const message: TestMessage = {
    title: test.fullTitle(),
    seconds: (test.duration ?? 0) / 1000,
    ...(fault !== undefined && { fault: first }),
  };
  process.send?.(message);
}
