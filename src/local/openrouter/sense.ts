import type { Conversation } from "./conversation.ts";
import type { Bounds, Sense } from "./place.ts";
import { quoteOf, sentencesOf, speak } from "./speak.ts";
import { stableFraction, stableNumber } from "./stable-hash.ts";
import { findTopics } from "./topics.ts";

const AGENT = /^(?:agent|agent_?key|key|speaker|assignee|owner|winner|vote|choice|candidate|to|from)$/iu;
const MANY_AGENTS = /^(?:agents|agent_?keys|ranking|order|speakers|votes|assignees)$/iu;
const KEEP_GOING = /continue|more|again|needs?_|retry/iu;

export function createSense(conversation: Conversation): Sense {
  const sentences = sentencesOf(conversation);
  const keys = conversation.agentKeys;
  const sentence = (index: number) => sentences[index % sentences.length] ?? "";
  return {
    words(path, index) {
      const name = nameOf(path);
      if ((AGENT.test(name) || MANY_AGENTS.test(name)) && keys.length > 0) return keys[index % keys.length] ?? "";
      return wordsFor(name, index, conversation, sentence);
    },
    flag(path) {
      return KEEP_GOING.test(nameOf(path))
        ? new Set(conversation.earlier.map(({ speaker }) => speaker)).size < 2
        : true;
    },
    quantity: (path, index, bounds) => quantityFor(nameOf(path), index, bounds, conversation.question),
    listLength(path) {
      const name = nameOf(path);
      if (/^assignments?$|^tasks$/iu.test(name)) return Math.min(3, Math.max(1, keys.length));
      if (MANY_AGENTS.test(name) && keys.length > 0) return keys.length;
      return 2;
    },
    choose: (options, path, index) => chooseFor(options, path, index, conversation),
  };
}

function wordsFor(
  name: string,
  index: number,
  conversation: Conversation,
  sentence: (index: number) => string,
): string {
  const { topic, aspect } = findTopics(conversation.question);
  const speakers = [...new Set(conversation.earlier.map(({ speaker }) => speaker))];
  const offset = stableNumber(name) % 5;
  if (/^(?:text|answer|content|message|reply|response|output|final)$/iu.test(name)) return speak(conversation);
  if (/instruction|^task$|prompt|brief/iu.test(name)) return instructionFor(index, topic, aspect);
  if (/reason|rationale|why|justif|because|explan/iu.test(name)) return reasonFor(topic, speakers);
  if (/summary|overview|synopsis/iu.test(name)) return summaryOf(conversation, topic, sentence);
  if (/fact/iu.test(name)) return factFor(index, conversation, topic, aspect);
  if (/question/iu.test(name)) return questionFor(index, topic, aspect);
  if (/action|next_?step|todo/iu.test(name)) return actionFor(index, topic, aspect);
  if (/decision|verdict|conclusion/iu.test(name)) return decisionFor(index, topic, aspect);
  if (/title|name|label|heading|topic|subject/iu.test(name)) return capitalized(index === 0 ? topic : aspect);
  if (/query|search|keyword|^q$/iu.test(name)) return index === 0 ? topic : aspect;
  return sentence(index + offset);
}

function instructionFor(index: number, topic: string, aspect: string): string {
  const instructions = [
    `Set out the first concrete step on ${topic} and say what it depends on.`,
    `Look for the weakest assumption about ${topic} and say what would prove it wrong.`,
    `Work out what ${aspect} costs, in time and in money, and name the largest unknown.`,
    `Explain ${topic} to somebody who has to decide today, in four sentences.`,
  ];
  return instructions[index % instructions.length] ?? "";
}

function reasonFor(topic: string, speakers: readonly string[]): string {
  if (speakers.length > 1)
    return `${speakers.join(" and ")} cover the main sides of ${topic}, and their answers fit together.`;
  if (speakers.length === 1)
    return `${speakers[0]} has answered on ${topic}; a second view would make the answer safer.`;
  return `These views complement each other on ${topic}, and none of them can be left out safely.`;
}

function summaryOf(conversation: Conversation, topic: string, sentence: (index: number) => string): string {
  const said = new Map(conversation.earlier.map(({ speaker, text }) => [speaker, quoteOf(text)]));
  const views = [...said].slice(-4).map(([speaker, quote]) => `${speaker} held that “${quote}”.`);
  return [`The conversation is about ${topic}.`, ...views, sentence(0)].join(" ");
}

function factFor(index: number, conversation: Conversation, topic: string, aspect: string): string {
  const said = conversation.earlier[index];
  if (said !== undefined) return `${said.speaker} stated: ${quoteOf(said.text)}.`;
  return index % 2 === 0 ? `The user asked about ${topic}.` : `The answer depends on ${aspect}.`;
}

function questionFor(index: number, topic: string, aspect: string): string {
  const questions = [
    `Who owns ${aspect}?`,
    `By which number do we judge ${topic}?`,
    `What would make us stop with ${topic}?`,
  ];
  return questions[index % questions.length] ?? "";
}

function actionFor(index: number, topic: string, aspect: string): string {
  const actions = [
    `Name one owner for ${aspect} by Friday.`,
    `Run a two-week trial on ${topic} and write down the result.`,
    `Collect the three open objections and answer each in a paragraph.`,
  ];
  return actions[index % actions.length] ?? "";
}

function decisionFor(index: number, topic: string, aspect: string): string {
  const decisions = [
    `Begin with a small trial on ${topic} and review it after two weeks.`,
    `Settle ${aspect} before anything else is built.`,
    `Postpone the part of ${topic} that cannot be undone.`,
  ];
  return decisions[index % decisions.length] ?? "";
}

function quantityFor(name: string, index: number, { low, high }: Bounds, question: string): number {
  const fraction = stableFraction(name, question);
  const from = low ?? (high === undefined ? 1 : high - 10);
  if (/confidence|probab|score|certainty|likelihood/iu.test(name)) {
    const least = low ?? 0;
    return least + ((high ?? least + 1) - least) * (0.6 + ((fraction + index / 7) % 1) * 0.35);
  }
  if (/rank|position|index|order/iu.test(name)) return from + index;
  const span = Math.min((high ?? from + 9) - from, 1_000);
  return from + ((Math.floor(fraction * span) + index) % (Math.floor(span) + 1));
}

function chooseFor(
  options: readonly unknown[],
  path: readonly string[],
  index: number,
  conversation: Conversation,
): number {
  const start = /^(?:assignments|ranking|order)$/iu.test(path.find((name) => name !== "") ?? "")
    ? 0
    : stableNumber(nameOf(path), conversation.question) % Math.max(1, options.length);
  return (start + index) % Math.max(1, options.length);
}

function nameOf(path: readonly string[]): string {
  return path.at(-1) ?? "";
}

function capitalized(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
