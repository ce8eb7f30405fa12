import type { PromptSeen } from "./responder.ts";

/** Something that the user says once, and a question that only it answers. */
export interface Planted {
  readonly kind: "fact" | "decision";
  readonly words: string;
  readonly question: string;
  readonly answer: string;
}

const fact = (about: string, answer: string): Planted => ({
  kind: "fact",
  words: `By the way, the ${about} is ${answer}.`,
  question: `What is the ${about}?`,
  answer,
});
const decision = (words: string, about: string, answer: string): Planted => ({
  kind: "decision",
  words: `${words} the ${about} is ${answer}.`,
  question: `What is the ${about}?`,
  answer,
});

export const planted: readonly Planted[] = [
  fact("auditor's name", "Ottilie-Brandt"),
  decision("Decision:", "launch date", "2027-05-03"),
  fact("customer number of the northern branch", "48213"),
  fact("door code of the archive", "7719"),
  decision("We decided that", "hosting site", "Frankfurt-2"),
  fact("licence limit", "312-seats"),
  fact("supplier's city", "大阪"),
  decision("After all that we agreed that", "budget", "40,000-euros"),
  fact("contract's last day", "9-March"),
  fact("delivery weekday", "Tuesday"),
  decision("Wir haben beschlossen:", "first branch", "Nordfiliale"),
  fact("old server's last day", "17-November"),
];

export const fillerTurns = 48;

/** Twelve turns with something planted, spread among those without; the fillers are between two or three agents. */
export function turnsOfPlay(): readonly { readonly message: string; readonly mode: "manual" | "roundtable" }[] {
  const length = fillerTurns + planted.length;
  return Array.from({ length }, (_, index) => {
    const place = index % 5 === 1 ? Math.floor(index / 5) : -1;
    const words = planted[place]?.words ?? "";
    const topic = `Let us look at point ${index + 1} again: ${topics[index % topics.length]}. ${words}`;
    const ask = `${topic} How would each of you go about it, and what would you leave out?`;
    return index % 3 === 2 ? { message: `@ada @bob ${ask}`, mode: "manual" } : { message: ask, mode: "roundtable" };
  });
}

const topics = [
  "the rota",
  "the shop window",
  "the newsletter",
  "the price list",
  "the returns desk",
  "the intranet",
  "training",
];
const thoughts = [
  "One may weigh this or that, and in the end it hangs on who has the time for it.",
  "I would begin with a short list, strike half of it, and come back to the rest in a fortnight.",
  "What was said a moment ago is right as far as it goes, yet it leaves the hard half open.",
  "Nobody will thank us for a perfect plan that comes after the season is over.",
  "Let us ask two people who do it every day, and write down what they say word for word.",
  "There is a cheap way and a thorough way, and I would try the cheap one on a small scale first.",
  "If it fails we have lost an afternoon; if it works the others will copy it without being told.",
  "I see a risk in the handover, since three of us would each believe that another does it.",
];

/** Answers from its prompt alone: a question with what the prompt says, anything else with talk. */
export function recallModel({ system, said }: PromptSeen): string {
  if (system.includes("You keep the minutes")) return JSON.stringify(minutesOf(said));
  const asked = [...said.matchAll(/What is the ([^?]+)\?/gu)].at(-1)?.[1];
  const isQuestion = asked !== undefined && said.lastIndexOf("What is the") > said.lastIndexOf("Let us look at point");
  if (isQuestion) return answerTo(asked, said);
  const name = /You are (\w+)/u.exec(system)?.[1] ?? "somebody";
  const point = [...said.matchAll(/point (\d+) again/gu)].at(-1)?.[1] ?? "0";
  const from = (Number(point) + name.length + name.charCodeAt(0)) % thoughts.length;
  const order = [...thoughts.slice(from), ...thoughts.slice(0, from)];
  return `On point ${point}, as ${name} sees it: ${order.join(" ")}`;
}

function answerTo(about: string, said: string): string {
  const found = said.split(`the ${about} is `).slice(1).at(-1);
  return found === undefined ? "I do not know." : `It is ${/^[^\s.<]+/u.exec(found)?.[0] ?? "nothing"}.`;
}

const message = /^(m\d+) \([^\n]*\):\n<message from="([^"]*)"[^>]*>([^<]*)<\/message>/gmu;

/** What a diligent reader makes of a chunk: every statement of the user's, and something of each reply. */
function minutesOf(said: string) {
  const seen = [...said.matchAll(message)].map(([, ref = "", from = "", text = ""]) => ({ ref, from, text }));
  const ofUser = seen.filter(({ from }) => from === "User");
  const stated = ofUser.flatMap(({ ref, text }) =>
    sentences(text)
      .filter((sentence) => / the .+ is \S+\.$/u.test(sentence))
      .map((sentence) => ({ text: sentence, sources: [ref] })),
  );
  const isDecided = ({ text }: { readonly text: string }) => /decision|decided|agreed|beschlossen/iu.test(text);
  const replies = seen.filter(({ from }) => from !== "User");
  const chatter = replies.map(({ ref, from, text }) => ({
    text: `${from} on ${/point \d+/u.exec(text)?.[0] ?? "a point"}: ${thoughts.find((thought) => text.includes(thought)) ?? ""}`,
    sources: [ref],
  }));
  const points = ofUser.flatMap(({ text }) => /point \d+ again: [^.]+/u.exec(text)?.[0] ?? []);
  return {
    text: `They went through ${points.join("; ")}. ${thoughts.join(" ")}`,
    key_facts: [...stated.filter((item) => !isDecided(item)), ...chatter],
    decisions: stated.filter(isDecided),
    open_questions: [],
    action_items: [],
    resolved: [],
  };
}

function sentences(text: string): readonly string[] {
  return text.split(/(?<=[.?!])\s+/u);
}
