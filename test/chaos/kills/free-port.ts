import { serve } from "../../../src/local/serve.ts";

export async function freePort(): Promise<number> {
  const door = await serve(() => new Response());
  await door.stop();
  return Number(new URL(door.url).port);
}
