import { describe, expect, it } from "vitest";
import { readPort, readSettings } from "./settings.ts";

describe("settings of npm start", () => {
  it("listens on 8787 and keeps its data in the checkout when nothing is set", () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({ port: 8787, databaseUrl: undefined });
    expect(settings.dataFolder).toMatch(/\/\.pantheon$/);
  });

  it("takes an empty variable for one that is not set", () => {
    expect(readSettings({ PORT: "", LOCAL_POSTGRES_URL: "", PANTHEON_DATA: "" })).toEqual(readSettings({}));
  });

  it.each(["1", "80", "65535"])("takes PORT=%s", (value) => {
    expect(readPort(value)).toBe(Number(value));
  });

  it.each(["0", "65536", "80a", "-1", "1.5", "0x50", "1e3", " "])("refuses PORT=%s", (value) => {
    expect(() => readPort(value)).toThrow(`PORT must be a whole number from 1 to 65535, not "${value}".`);
  });

  it.each(["-1", "1.5", "fast", "10001"])("refuses LOCAL_MODEL_MS_PER_CHUNK=%s", (value) => {
    expect(() => readSettings({ LOCAL_MODEL_MS_PER_CHUNK: value })).toThrow("must be a whole number from 0 to 10000");
  });

  it("refuses a LOCAL_POSTGRES_URL of another kind, without showing it", () => {
    const read = () => readSettings({ LOCAL_POSTGRES_URL: "mysql://root:hunter2@127.0.0.1/x" });
    expect(read).toThrow("LOCAL_POSTGRES_URL must be a postgresql:// URL.");
  });
});
