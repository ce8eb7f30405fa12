import { createTurn } from "../../../src/app/turns/create-turn.ts";
import { CreateTurn } from "../../../src/contract/turns.ts";
import { padding } from "./chaos-replies.ts";
import type { ClientRequest } from "./client-request.ts";
import type { Setting } from "./furnish.ts";
import type { Random } from "./random.ts";

/** A turn of the user's, which decides something in one word of its own. */
export function drawSend(play: Random, setting: Setting, index: number): ClientRequest {
  const { caller, sessionIds } = setting;
  const key = `send-${index}`;
  const body = CreateTurn.parse({
    ...drawTurn(play, setting, index),
    on_busy: play.pick(["reject", "enqueue", "enqueue", "enqueue", "interrupt"]),
    budget: play.chance(0.1) ? play.pick(["0.5", "1", "2", "4"]) : null,
    metadata: { key },
  });
  const sessionId = play.pick(sessionIds);
  return {
    what: key,
    atMs: index === 0 ? 0 : play.pick([0, play.between(0, 8_000), play.between(0, 40_000)]),
    perform: async (ports) => {
      const once = { key, fingerprint: key };
      const { value } = await createTurn(ports, caller, { sessionId, input: body }, once);
      return { status: 202, turnId: value.id };
    },
  };
}

export const anyVow = /Decision: (vow\d+)\./;

/** A manager mostly has as many rounds as it may have. */
function drawTurn(play: Random, { plot, agentKeys }: Setting, index: number) {
  const mode = play.pick(plot.modes);
  const named = agentKeys.filter(() => play.chance(0.8));
  const isTagged = mode === "manual" || play.chance(0.15);
  const tags = isTagged ? (named.length > 0 ? named : agentKeys).map((agentKey) => `@${agentKey} `).join("") : "";
  const message = `Decision: vow${index}.\n${tags}what now?${padding(play, plot.maxCharacters)}`;
  const rounds = mode === "orchestrator" ? play.pick([3, 3, 3, 1, 2]) : play.pick([1, 1, 1, 2]);
  return {
    message,
    ...(mode === plot.modes[0] ? {} : { mode }),
    rounds,
    ...(play.chance(0.2) ? { response_schema: answerForm } : {}),
  };
}

const answerForm = { type: "object", properties: { answer: { type: "string" } }, required: ["answer"] };
