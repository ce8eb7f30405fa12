import { expect, it } from "vitest";
import * as z from "zod";
import { serve } from "../serve.ts";
import { create } from "./call-api.ts";

const creation = { path: "/rooms", body: { name: "Room" }, idempotencyKey: "one" };
const Made = z.object({ id: z.string() });

async function against(statuses: readonly number[]) {
  const keys: (string | null)[] = [];
  const server = await serve(({ headers }) => {
    keys.push(headers.get("idempotency-key"));
    const status = statuses[Math.min(keys.length, statuses.length) - 1] ?? 201;
    return Response.json({ id: "made" }, { status, headers: status === 503 ? { "retry-after": "0" } : {} });
  });
  const made = create({ baseUrl: server.url, token: "t" }, creation, Made);
  const said = await made.then(({ id }) => id).catch((error: Error) => error.message);
  await server.stop();
  return { said, keys };
}

it("asks again, with the same key, while the API is too busy to count", async () => {
  expect(await against([503, 503, 201])).toEqual({ said: "made", keys: ["one", "one", "one"] });
});

it("gives up at once where asking again is in vain, and in the end where it is not", async () => {
  expect(await against([422])).toMatchObject({ said: expect.stringContaining("422"), keys: ["one"] });
  expect((await against([503])).said).toContain("POST /rooms was answered with 503");
});
