import assert from "node:assert/strict";
import { parseSchedule, type Schedule } from "../../../src/policy/automation/schedule.ts";

function read(text: string): Schedule {
  const schedule = parseSchedule(text);
  return typeof schedule === "string" ? assert.fail(schedule) : schedule;
}

describe("a schedule of a Maintenance", () => {
  it("reads numbers, ranges, lists and steps of 5 fields", () => {
    const { minutes, hours, daysOfMonth, months, daysOfWeek } = read("*/20 8-10,22 1 */6 1-5/2");

    assert.deepEqual(
      [minutes, hours, daysOfMonth, months, daysOfWeek].map((set) => [...(set ?? [])]),
      [[0, 20, 40], [8, 9, 10, 22], [1], [1, 7], [1, 3, 5]],
    );
  });

  it("takes 0 and 7 for Sunday, and * for no condition on days", () => {
    assert.deepEqual([...(read("0 2 * * 7").daysOfWeek ?? [])], [0]);
    assert.equal(read("0 2 * * 0").daysOfMonth, undefined);
    assert.equal(read("0 2 1 * *").daysOfWeek, undefined);
  });

  for (const text of [
    "",
    "* * * *",
    "60 * * * *",
    "* * 0 * *",
    "5-1 * * * *",
    "*/0 * * * *",
    "a * * * *",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(typeof parseSchedule(text), "string");
    });
  }
});
