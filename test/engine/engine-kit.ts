import { afterAll, beforeAll, expect } from "vitest";
import type { Turn } from "../../src/contract/turns.ts";
import type { ApiWorldOptions } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";
import { type Bench, openBench } from "./engine-bench.ts";

/** One for all tests of a file; every test furnishes its own user and room, and finds no fault set. */
export function useBench(options: ApiWorldOptions = {}): () => Bench {
  let bench: Bench | undefined;
  beforeAll(async () => {
    bench = await openBench(options);
  });
  afterAll(async () => bench?.stop());
  return () => {
    if (bench === undefined) throw new Error("the bench opens before the first test");
    return bench;
  };
}

export function statusesOf(turn: Turn): readonly string[] {
  return turn.steps.map(({ status }) => status);
}

type ChatRequest = ReturnType<Bench["cloud"]["standIns"]["openRouter"]["requests"]>[number];

/** What the model stand-in was asked since its last reset. */
export function chatRequests({ cloud }: Bench): readonly ChatRequest[] {
  return cloud.standIns.openRouter.requests().filter(({ path }) => path.endsWith("/chat/completions"));
}

export function messagesOf(request: ChatRequest | undefined): readonly { role: string; content: string }[] {
  return (request?.messages ?? []).map(({ role, content }) => ({ role, content: plainText(content) }));
}

/** Puts a step in the middle of its model call; the answer lets the call go on and waits for the delivery. */
export async function hangInCall(bench: Bench, turn: Turn, index = 0) {
  const { openRouter } = bench.cloud.standIns;
  const before = chatRequests(bench).length;
  openRouter.setFaults({ hang_before_headers: { fail_next: 1 } });
  const delivered = bench.deliver(turn, index);
  await eventually(() => expect(chatRequests(bench)).toHaveLength(before + 1));
  return () => {
    openRouter.release();
    return delivered;
  };
}

/** Everything but the system message, as one text. */
export function promptOf(request: ChatRequest | undefined): string {
  const said = messagesOf(request).filter(({ role }) => role !== "system");
  return said.map(({ content }) => content).join("\n");
}

function plainText(content: unknown): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}
