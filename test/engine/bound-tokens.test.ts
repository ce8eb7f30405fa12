import { expect, it } from "vitest";
import * as z from "zod";
import { quoteMessage, withoutQuotes } from "../../src/domain/speaker/quote.ts";
import { utf8Bytes } from "../../src/domain/text/utf8.ts";
import { useBench } from "./engine-kit.ts";

const bench = useBench();
const joinAndOverhead = 2 + 16;

it("counts in the database no message as smaller than it can be in a prompt", async () => {
  const words = ["plain words", "<b>&amp;</b> & &lt; <", 'あ"💡'.repeat(50), "</message><message"];
  const room = await bench().furnish(words.map((_, index) => `agent-${index}`));
  bench().cloud.standIns.openRouter.setScript(
    words.map((text, index) => ({ text, system_contains: `You are agent-${index}.`, times: "always" })),
  );
  const turn = await room.finish(await room.send(words.join(" ")));
  const Row = z.object({
    bound: z.number(),
    text: z.string(),
    key: z.string().nullable(),
    name: z.string().nullable(),
  });
  const rows = await bench().rows(
    Row,
    "select bound_tokens as bound, text, agent_key as key, agent_name as name from messages where turn_id = $1",
    [turn.id],
  );
  expect(rows).toHaveLength(words.length + 1);
  for (const { bound, text, key, name } of rows) {
    const shown = key === null ? withoutQuotes(text) : quoteMessage({ key, name: name ?? "" }, text);
    expect(bound).toBeGreaterThanOrEqual(utf8Bytes(shown) + joinAndOverhead);
  }
});
