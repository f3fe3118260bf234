import assert from "node:assert/strict";
import { integer, objectId, time, tlv } from "../../src/identity/der.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("DER", () => {
  for (const [magnitude, encoded] of [
    ["00", "020100"],
    ["7f", "02017f"],
    ["80", "02020080"],
    ["007f", "02017f"],
    ["000080", "02020080"],
    ["0100", "02020100"],
  ] as const) {
    it(`writes the integer ${magnitude} in as few octets as hold it: ${encoded}`, () => {
      assert.equal(hex(integer(Buffer.from(magnitude, "hex"))), encoded);
    });
  }

  for (const [length, head] of [
    [0, "0400"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [70_000, "0483011170"],
  ] as const) {
    it(`writes the length ${length} as ${head.slice(2)}`, () => {
      assert.equal(hex(tlv(0x04, Buffer.alloc(length))).slice(0, head.length), head);
    });
  }

  it("writes 1.2.840.10045.4.3.2 as RFC 5758 has it", () => {
    assert.equal(hex(objectId("1.2.840.10045.4.3.2")), "06082a8648ce3d040302");
  });

  it("writes years to 2049 with 2 digits and from 2050 with 4", () => {
    assert.equal(time(new Date("2049-12-31T23:59:59Z")).toString(), "\x17\r491231235959Z");
    assert.equal(time(new Date("2050-01-01T00:00:00Z")).toString(), "\x18\x0f20500101000000Z");
  });
});
