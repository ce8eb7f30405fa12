import { shortenedMarker } from "../context/shorten.ts";
import { promptOfChunk } from "../memory/rebuild-chunk.ts";
import { buildPrompt, type PromptMessage } from "../speaker/build-prompt.ts";
import type { KeptAudit, KeptCall } from "./kept-call.ts";
import { promptInputOf } from "./prompt-input.ts";
import { toWords, type Words } from "./said.ts";

/** The prompt as it was sent: from what the audit says went in, not by deciding it again. */
export function rebuildPrompt(call: KeptCall): readonly PromptMessage[] {
  if (call.step.purpose === "summarize") return promptOfChunk(call);
  const messages = call.audit.includedMessageIds.map((id) => shownMessage(call, id));
  return buildPrompt({ ...promptInputOf(withoutFuture(call)), messages });
}

/** Steps that were not yet there, or not over, when the call was made told it nothing. */
function withoutFuture<Call extends KeptCall>(call: Call): Call {
  const { step } = call;
  const before = call.steps.filter(({ index }) => index < step.index);
  const own = call.steps.filter(({ index }) => index === step.index);
  return { ...call, steps: [...before, ...own.map((trace) => ({ ...trace, isDone: false, result: null }))] };
}

function shownMessage(call: KeptCall, id: string): Words {
  const { id: known, author, text } = id === call.audit.summaryId ? summaryOf(call) : messageOf(call, id);
  return { id: known, author, text: cutText(call.audit, id, text) };
}

function summaryOf({ summary }: KeptCall): Words {
  if (summary === null) throw new Error("the summary that went in is not there");
  return { id: summary.id, author: { kind: "summary" }, text: summary.rendered };
}

function messageOf({ said }: KeptCall, id: string): Words {
  const message = said.find((other) => other.id === id);
  if (message === undefined) throw new Error(`the message ${id} that went in is not there`);
  return toWords(message);
}

function cutText({ cuts }: KeptAudit, id: string, text: string): string {
  const cut = cuts.find((each) => each.messageId === id && "keptCharacters" in each);
  return cut !== undefined && "keptCharacters" in cut ? text.slice(0, cut.keptCharacters) + shortenedMarker : text;
}
