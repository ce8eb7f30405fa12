import { type QuotedBlock, readQuotedBlocks } from "./quoted-blocks.ts";
import { cutStageDirections } from "./stage-directions.ts";
import { type ChatRequest, type Message, systemText, textOf } from "./wire.ts";

export interface Utterance {
  readonly speaker: string;
  readonly text: string;
}

/** What a reader of the prompt would know: who asks what, who has spoken, and who "I" am. */
export interface Conversation {
  readonly system: string;
  readonly selfName: string | undefined;
  readonly question: string;
  /** Other speakers' words, oldest first. */
  readonly earlier: readonly Utterance[];
  /** The same with all that is known of who spoke. */
  readonly quoted: readonly QuotedBlock[];
  readonly agentKeys: readonly string[];
  /** What the engine asks for at the very end; empty in any other prompt. */
  readonly task: string;
  readonly instruction: string;
  /** What tools answered after the last words of a user. */
  readonly toolResults: readonly string[];
}

export function readConversation(request: ChatRequest): Conversation {
  const system = systemText(request);
  const selfName = readSelfName(system);
  const asked = request.messages.filter((message) => message.role === "user").map(textOf);
  const { said, task, instruction } = cutStageDirections(asked.at(-1) ?? "");
  const parts = [...asked.slice(0, -1), said].map((text) => readUserMessage(text, task !== ""));
  const quoted = parts.flatMap((part) => part.quoted).filter(({ speaker }) => !isSame(speaker, selfName));
  return {
    system,
    selfName,
    question: lastFilled(parts.map((part) => part.question)),
    earlier: quoted.map(({ speaker, text }) => ({ speaker, text })),
    quoted,
    agentKeys: readAgentKeys([system, ...request.messages.map(textOf)].join("\n")),
    task,
    instruction,
    toolResults: readToolResults(request.messages),
  };
}

interface UserMessage {
  readonly question: string;
  readonly quoted: readonly QuotedBlock[];
}

/** In the engine's prompts whatever is not quoted is the user's own, the newest last. */
function readUserMessage(text: string, isStaged: boolean): UserMessage {
  const { blocks, rest, parts } = readQuotedBlocks(text);
  const asked = blocks.filter((block) => block.isUser).map((block) => block.text);
  const own = isStaged ? (parts.at(-1) ?? "") : rest;
  return { question: lastFilled(asked) || pickQuestion(own), quoted: blocks.filter((block) => !block.isUser) };
}

/** Around the user's words there may be stage directions; a question mark, else length, tells them apart. */
function pickQuestion(text: string): string {
  const paragraphs = text.split(/\n\s*\n|\n(?=[#*-])/u).flatMap((paragraph) => paragraph.trim() || []);
  const asked = paragraphs.findLast((paragraph) => /\?["”’)]?(?:\s|$)/u.test(paragraph));
  const longest = paragraphs.reduce((best, next) => (next.length > best.length ? next : best), "");
  return (asked ?? longest).replace(/^(?:question|task|user|message|goal)\s{0,4}:\s{0,4}/iu, "").trim();
}

function readSelfName(system: string): string | undefined {
  return /\b(?:You are|Your name is|named)\s+(?:the agent\s+)?["“*]{0,2}(\p{Lu}[\p{L}\d'-]{0,40})/u.exec(system)?.[1];
}

function readAgentKeys(prompt: string): string[] {
  const examined = prompt.slice(-100_000);
  const managed = unique([...prompt.matchAll(/^- agent_key ([A-Za-z0-9_-]{1,64}):/gmu)].map((match) => match[1]));
  if (managed.length > 0) return managed;
  const named = examined.matchAll(/\b(?:agent_)?key["']?\s{0,3}[=:]\s{0,3}["'`]?([A-Za-z0-9_-]{1,64})/gu);
  const keys = unique([...named].map((match) => match[1])).filter((key) => key !== "agent_key");
  if (keys.length > 0) return keys;
  const tagged = unique([...examined.matchAll(/(?:^|\s)@([A-Za-z0-9_-]{1,64})/gu)].map((match) => match[1]));
  if (tagged.length > 0) return tagged;
  const listed = examined.matchAll(/^\s{0,8}[-*]\s{1,3}[`"]?([a-z0-9_-]{1,64})[`"]?\s{0,3}(?:\(|:|—|–)/gmu);
  return unique([...listed].map((match) => match[1]));
}

function readToolResults(messages: readonly Message[]): string[] {
  const lastAsked = messages.findLastIndex((message) => message.role === "user");
  return messages
    .slice(lastAsked + 1)
    .filter((message) => message.role === "tool")
    .map(textOf);
}

function lastFilled(texts: readonly string[]): string {
  return texts.findLast((text) => text !== "") ?? "";
}

function isSame(left: string, right: string | undefined): boolean {
  return right !== undefined && left.toLowerCase() === right.toLowerCase();
}

function unique(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))];
}
