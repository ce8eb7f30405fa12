import type { ChunkMessage } from "./chunk.ts";
import type { EntryKind, SummaryFinding } from "./entry.ts";
import { mergeDuplicates, saysSomething, toEntryText } from "./entry-text.ts";

const maxPerKind = 50;
const longestSentence = 1000;

/** What messages call a decision, an action, a question or a fact in so many words. */
export function explicitFindings(
  messages: readonly ChunkMessage[],
): Readonly<Record<EntryKind, readonly SummaryFinding[]>> {
  const found: Readonly<Record<EntryKind, SummaryFinding[]>> = { decision: [], question: [], action: [], fact: [] };
  for (const message of messages) {
    for (const { kind, text } of explicitIn(message)) {
      if (found[kind].length < maxPerKind) found[kind].push({ text, source_message_ids: [message.id] });
    }
  }
  return {
    decision: mergeDuplicates(found.decision),
    question: mergeDuplicates(found.question),
    action: mergeDuplicates(found.action),
    fact: mergeDuplicates(found.fact),
  };
}

function explicitIn({ author, text }: ChunkMessage): readonly { readonly kind: EntryKind; readonly text: string }[] {
  if (author === "failed_agent") return [];
  const found = sentencesOf(text).flatMap((sentence) => {
    const said = explicitKind(sentence, author === "user");
    return said === null || !saysSomething(said.text) ? [] : [{ kind: said.kind, text: toEntryText(said.text) }];
  });
  // Of a string of questions the last is the one that was put.
  const lastAsked = found.findLastIndex(({ kind }) => kind === "question");
  return found.filter(({ kind }, place) => kind !== "question" || place === lastAsked);
}

// "3. Mai" is a day.
const sentenceEnd = /(?<=[.!?…]["'”’)\]*_]?)(?<!\s\d{1,2}\.)\s+(?![\s\p{Ll}])|(?<=[。！？])/u;
const leadingNumber = /^\s*\d{1,3}[.)]\s+/;
const leadingMarkup = /^[\s>*_#~`•·–—-]+(?:\[[ xX]?\]\s*)?/u;
const markup = new Set([..." \t*_`~"]);

function sentencesOf(text: string): readonly string[] {
  return text
    .split(/[\n\r]+/)
    .flatMap((line) => line.replace(leadingMarkup, "").replace(leadingNumber, "").split(sentenceEnd))
    .map((sentence) => withoutTail(sentence.slice(0, longestSentence).replace(leadingMarkup, "")))
    .filter((sentence) => sentence !== "");
}

function withoutTail(sentence: string): string {
  let end = sentence.length;
  while (end > 0 && markup.has(sentence[end - 1] ?? "")) end -= 1;
  return sentence.slice(0, end);
}

interface Label {
  readonly kind: EntryKind;
  readonly words: readonly string[];
  /** "Agreed - but ..." only agrees. */
  readonly isColonOnly: boolean;
}

/** Words at the start of a sentence that say what follows. */
const labels: readonly Label[] = [
  { kind: "decision", words: ["decision", "entscheidung", "beschluss", "décision", "decisión"], isColonOnly: false },
  {
    kind: "decision",
    words: [
      ...["decided", "agreed", "resolution", "entschieden", "beschlossen", "vereinbart", "décidé", "convenu"],
      ...["decidido", "acordado", "acuerdo"],
    ],
    isColonOnly: true,
  },
  {
    kind: "question",
    words: ["open question", "open issue", "offene frage", "question ouverte", "pregunta abierta"],
    isColonOnly: false,
  },
  {
    kind: "action",
    words: [
      ...["todo", "to do", "action item", "action", "next step", "aufgabe", "zu erledigen", "tâche", "à faire"],
      ...["acción", "tarea", "por hacer"],
    ],
    isColonOnly: false,
  },
  {
    kind: "fact",
    words: ["key fact", "fact", "remember", "fakt", "bitte merken", "à retenir", "fait", "hecho", "dato"],
    isColonOnly: true,
  },
];

const bold = "(?:\\*\\*|__)?";
const colon = "\\s?[:：]";

const labelPatterns = labels.map(({ kind, words, isColonOnly }) => {
  const sign = isColonOnly ? colon : `(?:${colon}|\\s?[—–]|\\s-(?=\\s))`;
  return { kind, pattern: new RegExp(`^(?:${words.join("|")})(?: \\d{1,3})?${bold}${sign}${bold}\\s*(.+)$`, "isu") };
});

const aside = "(?:(?:all|both|just|now|finally|already|jointly|therefore|then|also) )?";
const within = "(?:[^.,;:?!]{0,80} )?";
const decisionPhrases = [
  `we(?:['’]ve| have)? ${aside}(?:decided|agreed)`,
  `it (?:is|was|has been) ${aside}(?:decided|agreed)`,
  `wir (?:haben|hatten) ${within}(?:beschlossen|entschieden|vereinbart|geeinigt)`,
  `haben wir ${within}(?:beschlossen|entschieden|vereinbart|geeinigt)`,
  "es wurde (?:beschlossen|entschieden|vereinbart)",
  "(?:nous avons|on a) (?:\\p{L}+ )?(?:décidé|convenu)",
  "nous sommes convenus",
  "il (?:a été|est) (?:décidé|convenu)",
  "(?:hemos|se ha) (?:\\p{L}+ )?(?:decidido|acordado)",
  "(?:decidimos|acordamos)",
];
const ownDecisionPhrases = [
  `i(?:['’]ve| have)? ${aside}(?:decided)`,
  `ich habe ${within}(?:beschlossen|entschieden)`,
  "j['’]ai (?:\\p{L}+ )?décidé",
  "he decidido",
];

const toPhrase = (phrases: readonly string[]) =>
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${phrases.join("|")})(?![\\p{L}\\p{N}])`, "iu");
const decisionPhrase = toPhrase(decisionPhrases);
const userDecisionPhrase = toPhrase([...decisionPhrases, ...ownDecisionPhrases]);

// What makes of a decision a mere possibility, or none.
const hedge =
  /(?:^|[^\p{L}])(?:if|unless|until|whether|once|suppose|imagine|falls|wenn|ob|sobald|bis|si|cuando|quand|lorsque)[^\p{L}][^,;:]*$/iu;
const directHedge =
  /(?:^|[^\p{L}])(?:when|before|after|should|had|have|had we|bevor|nachdem|avant|antes de que|no|not|never)\s$/iu;
const retreat =
  /(?:decided|agreed|beschlossen|entschieden|vereinbart|décidé|convenu|decidido|acordado)\s+(?:nothing|to disagree|to decide|later|rien|nada|nichts)/iu;
const negatedVerb =
  /(?:haben|hatten|habe|wir)\s.*(?:^|\s)(?:nicht|nichts|noch nicht|nie)\s.*(?:beschlossen|entschieden|vereinbart|geeinigt)/iu;

const someone = "(?:I|[Ww]e|@?\\p{Lu}[\\p{L}\\p{N}_.-]*(?: \\p{Lu}[\\p{L}.-]*)?)";
const days = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
const months = "january|february|march|april|may|june|july|august|september|october|november|december";
const promise = new RegExp(`^${someone} will .{3,300}? by (?=(.{1,40}))`, "su");
const day = "\\d{1,2}(?:st|nd|rd|th)?";
const dates = `\\d{4}-\\d\\d|\\d{1,2}[:.]\\d\\d|\\d{1,2} ?[ap]\\.?m|${day}(?: of)? (?:${months})|${months}|${days}`;
const moments = `(?:the )?(?:end|weekend|${day}(?! ?%)(?=[\\s.,]|$) of)|next |this |tomorrow|tonight|noon|midnight|eod`;
const when = new RegExp(`^(?:${dates}|${moments})`, "iu");
const nobody = /^(?:It|This|That|There|What|Which|Nobody|Everything|Nothing)\s/u;

const nothing = /^(?:none|no|nothing|n\/a|tbd|pending|open|keine?|offen|aucune?|ninguna?)$/iu;

const leadingTags = /^(?:@[\w-]{1,64}[,:]?\s+)+/u;

/** What a sentence says it is, by its own words, and what it says; null where it says nothing of the kind. */
function explicitKind(sentence: string, isUser: boolean): { kind: EntryKind; text: string } | null {
  const labelled = sentence.replace(leadingTags, "");
  for (const { kind, pattern } of labelPatterns) {
    const said = pattern.exec(labelled)?.[1]?.trim();
    if (said !== undefined) return isStatement(said, kind) ? { kind, text: said } : null;
  }
  if (sentence.endsWith("?")) return isUser ? { kind: "question", text: sentence } : null;
  if (isDecision(sentence, isUser)) return { kind: "decision", text: sentence };
  return isPromise(sentence) ? { kind: "action", text: sentence } : null;
}

function isStatement(said: string, kind: EntryKind): boolean {
  if (nothing.test(said.replace(/[\s\p{P}]+$/u, ""))) return false;
  return kind === "question" || !said.endsWith("?");
}

function isDecision(sentence: string, isUser: boolean): boolean {
  const found = (isUser ? userDecisionPhrase : decisionPhrase).exec(sentence);
  if (found === null || retreat.test(sentence) || negatedVerb.test(found[0])) return false;
  const before = sentence.slice(0, found.index);
  return !hedge.test(before) && !directHedge.test(before);
}

function isPromise(sentence: string): boolean {
  if (nobody.test(sentence)) return false;
  return when.test(promise.exec(sentence)?.[1] ?? "");
}
