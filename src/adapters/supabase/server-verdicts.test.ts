import { describe, expect, it } from "vitest";
import { createServerVerdicts } from "./server-verdicts.ts";

describe("the server's verdicts", () => {
  it("are kept for a thousand good tokens, the last of them", async () => {
    const asked: string[] = [];
    const verdicts = createServerVerdicts({
      clock: { now: () => new Date(0) },
      ask: async (token) => {
        asked.push(token);
        return null;
      },
    });
    const tokens = Array.from({ length: 1_001 }, (_, index) => `token ${index}`);
    for (const token of [...tokens, "token 1000", "token 1", "token 0"])
      expect(await verdicts.refusalOf(token, 3_600)).toBeNull();
    expect(asked).toEqual([...tokens, "token 0"]);
  });
});
