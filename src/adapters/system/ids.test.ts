import { describe, expect, it } from "vitest";
import { ascendingUuids, systemIds, uuidv7 } from "./ids.ts";

describe("a UUIDv7", () => {
  it("is RFC 9562's own example", () => {
    const chance = Uint8Array.from([0x0c, 0xc3, 0x98 & 0x3f, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidv7(0x017f22e279b0, chance)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  });

  it("has its version and variant whatever chance says", () => {
    for (const byte of [0x00, 0xff, 0x5a])
      expect(uuidv7(1, new Uint8Array(10).fill(byte))).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
  });

  it("sorts by its millisecond, and is never twice the same", () => {
    const chance = new Uint8Array(10).fill(0xff);
    expect(uuidv7(1_000, chance) < uuidv7(1_001, new Uint8Array(10))).toBe(true);
    expect(new Set(Array.from({ length: 10_000 }, () => systemIds.uuid())).size).toBe(10_000);
  });
});

describe("UUIDs made one after the other", () => {
  it("ascend within a millisecond, however many there are, and when the clock goes back", () => {
    for (const byte of [0x00, 0xff]) {
      const moments = [...Array.from({ length: 10_000 }, () => 5_000), 4_000, 3_000, 6_000];
      const next = ascendingUuids(
        () => moments.shift() ?? 7_000,
        () => new Uint8Array(10).fill(byte),
      );
      const made = Array.from({ length: 10_004 }, next);
      expect(made).toEqual(made.toSorted());
      expect(new Set(made).size).toBe(10_004);
      expect(made.at(-1)).toMatch(/^00000000-1b58-7/);
    }
  });

  it("begin where chance says, so that two isolates rarely meet", () => {
    const at = (byte: number) =>
      ascendingUuids(
        () => 1,
        () => new Uint8Array(10).fill(byte),
      )().slice(14, 18);
    expect([at(0x00), at(0x51), at(0xff)]).toEqual(["7000", "7151", "77ff"]);
  });
});

describe("secret bytes", () => {
  it("are as many as asked for, as lower-case hex", () => {
    expect(systemIds.secretHex(24)).toMatch(/^[0-9a-f]{48}$/);
    expect(systemIds.secretHex(8)).not.toBe(systemIds.secretHex(8));
  });

  it("are as many as asked for, as base64", () => {
    expect(systemIds.secretBase64(32)).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(systemIds.secretBase64(32)).not.toBe(systemIds.secretBase64(32));
  });
});
