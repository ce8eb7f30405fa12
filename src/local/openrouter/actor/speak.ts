import { pick, shuffled, stableNumber } from "../stable-hash.ts";
import lines from "./lines.json" with { type: "json" };
import { type Quote, type Scene, sentencesOf } from "./scene.ts";

type Persona = (typeof lines.personas)[number];

const maxReactions = 2;
const sentencesInTheMiddle = 3;
const longestQuoteWords = 16;

/** An answer in the actor's role, about the question, to those who spoke before. */
export function speak(scene: Scene): string {
  const persona = personaOf(scene.self);
  const latest = [...new Map(scene.quotes.map((quote) => [quote.marks[0], quote])).values()].slice(-maxReactions);
  const reactions = shuffled(persona.reactions, scene.seed).map((line, index) => react(line, latest[index]));
  const heard = reactions.filter((line) => line !== "");
  const points = shuffled(persona.points, scene.seed).slice(0, sentencesInTheMiddle - heard.length);
  const results = scene.toolResults.slice(-2).map((result) => `The tool answers: ${result.trim().slice(0, 240)}.`);
  const opener = oneOf(persona.openers, scene.seed).replaceAll("{matter}", () => matterOf(scene));
  return `${[...results, opener, ...heard].join(" ")}\n\n${[...points, oneOf(persona.closers, scene.seed)].join(" ")}`;
}

/** Sentences of the actor's own, for whatever asks for words. */
export function wordsOf(scene: Scene): string[] {
  const { points, closers } = personaOf(scene.self);
  return shuffled([...points, ...closers], scene.seed);
}

/** The first role that is named; for a role that is not known any one of them, always the same. */
function personaOf(self: string): Persona {
  const text = self.toLowerCase();
  const placed = lines.personas.map((persona) => ({ persona, place: placeOf(persona, text) }));
  const named = placed.filter(({ place }) => place >= 0).sort((left, right) => left.place - right.place);
  return named[0]?.persona ?? oneOf(lines.personas, self);
}

function placeOf({ nouns }: Persona, text: string): number {
  const places = nouns.map((noun) => text.search(new RegExp(`\\b${noun}\\b`, "u"))).filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

function matterOf({ question }: Scene): string {
  return question === undefined ? "this" : `“${question.replace(/[.!]$/u, "")}”`;
}

function react(line: string, heard: Quote | undefined): string {
  if (heard === undefined) return "";
  return line.replaceAll("{speaker}", () => heard.marks[0]).replaceAll("{quote}", () => quoteOf(heard.text));
}

/** The last sentence that is short enough to be repeated, else the beginning. */
export function quoteOf(text: string): string {
  const sentences = sentencesOf(text.replace(/[“”"]/gu, "").slice(0, 4_000));
  const short = sentences.findLast((sentence) => sentence.split(/\s+/u).length <= longestQuoteWords);
  const words = (short ?? sentences[0] ?? "").split(/\s+/u);
  const isWhole = words.length <= longestQuoteWords;
  return isWhole ? words.join(" ").replace(/[.!]+$/u, "") : `${words.slice(0, longestQuoteWords).join(" ")} …`;
}

export function oneOf<Item>(items: readonly Item[], ...seed: readonly string[]): Item {
  const [first, ...rest] = items;
  if (first === undefined) throw new Error("an actor has nothing to say");
  return pick([first, ...rest], ...seed);
}

export function isOneIn(count: number, ...seed: readonly string[]): boolean {
  return stableNumber(...seed) % count === 0;
}
