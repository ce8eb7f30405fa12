import { describe, expect, it } from "vitest";
import { checkWorkerVariables, readWorkerVariables } from "./worker-variables.ts";

const models = { OPENROUTER_BASE_URL: "http://127.0.0.1:1/v1", OPENROUTER_API_KEY: "key" };

describe("variables of the Worker that npm start takes", () => {
  it("are limits, reserves and models, and no service's address", () => {
    const limits = { TURN_RATE_PER_MINUTE: "5", CONTEXT_RECENT_TURNS_TO_KEEP: "2" };
    expect(readWorkerVariables({ ...limits, ...models, DATABASE_URL: "x", QSTASH_URL: "x", PATH: "x" })).toEqual({
      ...limits,
      ...models,
    });
  });

  it("are not set when empty", () => {
    expect(readWorkerVariables({ TURN_RATE_PER_MINUTE: "", OPENROUTER_BASE_URL: "" })).toEqual({});
  });

  it("leave the stand-in's models in place for a key alone", () => {
    expect(readWorkerVariables({ OPENROUTER_API_KEY: "key" })).toEqual({});
  });

  it("refuse other models without a key", () => {
    expect(() => readWorkerVariables({ OPENROUTER_BASE_URL: models.OPENROUTER_BASE_URL })).toThrow(
      "OPENROUTER_BASE_URL needs OPENROUTER_API_KEY beside it.",
    );
  });

  it("are refused by name where the Worker would refuse them", () => {
    expect(() => checkWorkerVariables({})).toThrow("DATABASE_URL is not set as it must be");
  });
});
