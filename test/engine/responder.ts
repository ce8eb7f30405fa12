import * as z from "zod";
import type { OpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { serve } from "../../src/local/serve.ts";

export interface PromptSeen {
  readonly system: string;
  /** All that follows the system message, as one text. */
  readonly said: string;
}

export interface Responder {
  readonly baseUrl: string;
  /** Whose counting, streaming and faults the answers have. */
  standIn(openRouter: OpenRouter): void;
  stop(): Promise<void>;
}

const Prompt = z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) });

/** A model that answers what a function makes of the prompt that it got, and of nothing else. */
export async function startResponder(respond: (prompt: PromptSeen) => string): Promise<Responder> {
  let openRouter: OpenRouter | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  const answer = async (request: Request) => {
    if (openRouter === null) return new Response(null, { status: 503 });
    const body = await request.text();
    openRouter.setScript([{ text: respond(toPrompt(body)) }]);
    const headers = { authorization: request.headers.get("authorization") ?? "", "content-type": "application/json" };
    const answered = await fetch(openRouter.url + new URL(request.url).pathname, { method: "POST", headers, body });
    const { status } = answered;
    const contentType = answered.headers.get("content-type") ?? "";
    return new Response(await answered.text(), { status, headers: { "content-type": contentType } });
  };
  const server = await serve((request) => {
    const answered = turn.then(() => answer(request));
    turn = answered.catch(() => undefined);
    return answered;
  });
  return {
    baseUrl: `${server.url}/api/v1`,
    standIn: (other) => {
      openRouter = other;
    },
    stop: () => server.stop(),
  };
}

function toPrompt(body: string): PromptSeen {
  const { messages } = Prompt.parse(JSON.parse(body));
  const [system, ...said] = messages;
  return { system: system?.content ?? "", said: said.map(({ content }) => content).join("\n\n") };
}
