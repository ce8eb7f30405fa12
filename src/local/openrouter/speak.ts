import type { Conversation, Utterance } from "./conversation.ts";
import { pick, shuffled } from "./stable-hash.ts";
import { findTopics, type Topics } from "./topics.ts";
import type { Voice } from "./voice.ts";
import { designer, engineer, marketer, planner, writer } from "./voices-of-builders.ts";
import { critic, economist, generalist, lawyer, researcher, synthesizer } from "./voices-of-judges.ts";

const voices = [synthesizer, critic, planner, engineer, researcher, writer, economist, lawyer, marketer, designer];
const ENOUGH_WORDS = 95;
const MOST_WORDS = 140;

/** An answer in the voice of the agent's role, about the question, to the people who spoke before. */
export function speak(conversation: Conversation): string {
  const voice = voiceOf(conversation.system);
  const topics = findTopics(conversation.question);
  const seed = [
    voice.name,
    conversation.selfName ?? "",
    conversation.question,
    conversation.instruction,
    heard(conversation),
  ];
  const opener = fill(pick(voice.openers, ...seed, "opener"), topics);
  const reactions = reactTo(conversation.earlier, voice, seed).map((sentence) => fill(sentence, topics));
  const closer = fill(pick(voice.closers, ...seed, "closer"), topics);
  const points = shuffled(voice.points, ...seed).map((sentence) => fill(sentence, topics));
  return withinLength(withToolResults([opener], conversation.toolResults), reactions, points, closer);
}

export function voiceOf(system: string): Voice {
  const introduced = system.match(/\b(?:You are|Your role|Role)\b[^\n]{0,300}/iu)?.[0] ?? "";
  return earliestVoice(introduced) ?? earliestVoice(system.slice(0, 4_000)) ?? generalist;
}

/** A few sentences of one voice, for the places in structured answers that want prose. */
export function sentencesOf(conversation: Conversation): string[] {
  const voice = voiceOf(conversation.system);
  const topics = findTopics(conversation.question);
  const seed = [voice.name, conversation.question, heard(conversation)];
  return shuffled([...voice.points, ...voice.closers, ...voice.openers], ...seed).map((text) => fill(text, topics));
}

/** The last sentence short enough to be repeated in full, else the beginning. */
export function quoteOf(text: string): string {
  const plain = text.replace(/[“”"]/gu, "").replace(/\s+/gu, " ").slice(0, 4_000).trim();
  const sentences = plain.split(/(?<=[.!?])\s/u).map((sentence) => sentence.replace(/[.!?]+$/u, ""));
  const short = sentences.findLast((sentence) => wordsIn(sentence) >= 5 && wordsIn(sentence) <= 20);
  if (short !== undefined) return short;
  const words = (sentences[0] ?? "").split(" ");
  return words.length > 14
    ? `${words
        .slice(0, 12)
        .join(" ")
        .replace(/[,;:]$/u, "")} …`
    : words.join(" ");
}

function earliestVoice(text: string): Voice | undefined {
  const found = voices.map((voice) => ({ voice, at: text.search(voice.pattern) })).filter(({ at }) => at >= 0);
  return found.sort((left, right) => left.at - right.at)[0]?.voice;
}

function reactTo(earlier: readonly Utterance[], voice: Voice, seed: readonly string[]): string[] {
  const latest = new Map(earlier.filter(({ text }) => text.trim() !== "").map((said) => [said.speaker, said]));
  const heardLast = [...latest.values()].slice(voice.name === "synthesizer" ? -4 : -2);
  const reactions = shuffled(voice.reactions, ...seed, "reactions");
  return heardLast.map(({ speaker, text }, index) =>
    (reactions[index % reactions.length] ?? "")
      .replaceAll("{speaker}", () => speaker)
      .replaceAll("{quote}", () => quoteOf(text)),
  );
}

function withToolResults(sentences: readonly string[], results: readonly string[]): string[] {
  const shown = results
    .slice(-3)
    .map((result) => `The tool answers: ${result.replace(/\s+/gu, " ").trim().slice(0, 240)}.`);
  return [...shown, ...sentences];
}

function withinLength(
  start: readonly string[],
  reactions: readonly string[],
  points: readonly string[],
  closer: string,
): string {
  const body = [...start];
  const remaining = [...reactions, ...points];
  const words = () => wordsIn([...body, closer].join(" "));
  for (const sentence of remaining) {
    const isReaction = reactions.includes(sentence);
    if (!isReaction && words() >= ENOUGH_WORDS) break;
    if (words() + wordsIn(sentence) <= MOST_WORDS) body.push(sentence);
  }
  return toParagraphs([...body, closer], start.length + reactions.length);
}

function toParagraphs(sentences: readonly string[], firstLength: number): string {
  const first = sentences.slice(0, firstLength).join(" ");
  const second = sentences.slice(firstLength).join(" ");
  return second === "" ? first : `${first}\n\n${second}`;
}

function fill(template: string, topics: Topics): string {
  const filled = template.replaceAll("{topic}", () => topics.topic).replaceAll("{aspect}", () => topics.aspect);
  return filled.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

function heard(conversation: Conversation): string {
  const names = conversation.earlier.map(({ speaker }) => speaker);
  return `${names.join(",")};${conversation.toolResults.length}`;
}

function wordsIn(text: string): number {
  return text.split(/\s+/u).filter(Boolean).length;
}
