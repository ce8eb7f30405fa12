export interface Topics {
  readonly topic: string;
  readonly aspect: string;
}

const FILLER = new Set(
  `a about above after again all also am an and any are as ask at be because been before being below best better between
  both bring build but buy by can change choose come compare consider could create decide describe design did do does doing
  done draft each either ever every example explain few find first for from get give go good had has have having he help her
  here him his how i if improve in into is it its itself just keep know launch lead let like list long look make many may me
  mean might more most much must my need needs next no nor not now of off offer on once one only open or other our ours out
  over own pick plan please propose put raise recommend reduce run same say see sell set she ship should show so some start
  stay still stop such suggest take tell than that the their them then there these they thing think this those through to
  too try two under until up us use using very want was way we well were what when where which while who why will with
  within without work would write yet you your yours month quarter today tomorrow week weeks year years months say words
  sentence sentences short briefly really three four five move add answer discuss team question introduce adopt switch
  migrate before expect happen happens replace become worth pay spend increase grow charge handle protect train teach ready decision decided agreed`.split(
    /\s+/u,
  ),
);

const DETERMINERS: Readonly<Record<string, string>> = {
  a: "a",
  an: "an",
  the: "the",
  our: "our",
  my: "your",
  your: "our",
  their: "their",
};

/** The two phrases that a question is most about. */
export function findTopics(question: string): Topics {
  const phrases = findPhrases(question.slice(0, 2_000));
  const ranked = [...phrases].sort((left, right) => right.weight - left.weight);
  const topic = ranked[0]?.text ?? "this question";
  const aspect = ranked.find((phrase) => !overlaps(phrase.text, topic))?.text ?? "the first step";
  return { topic, aspect };
}

interface Phrase {
  readonly text: string;
  readonly weight: number;
}

function findPhrases(question: string): Phrase[] {
  return question.split(/[^\p{L}\p{N}\s'’%$€-]+/u).flatMap(phrasesOfClause);
}

function phrasesOfClause(clause: string): Phrase[] {
  const words = clause.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const phrases: Phrase[] = [];
  let run: string[] = [];
  words.forEach((word, index) => {
    if (!isFiller(word)) run.push(word);
    const isEnd = run.length > 0 && (isFiller(word) || run.length === 3 || index === words.length - 1);
    if (!isEnd) return;
    const runStart = index - run.length + (isFiller(word) ? 0 : 1);
    phrases.push(toPhrase(run, words[runStart - 1]));
    run = [];
  });
  return phrases;
}

function toPhrase(run: readonly string[], before: string | undefined): Phrase {
  const determiner = DETERMINERS[before?.toLowerCase() ?? ""];
  const words = run
    .map((word) => (isShout(word) ? word : word.replace(/['’]s?$/u, "")))
    .map((word) => word.slice(0, 30));
  const text = determiner === undefined ? words.join(" ") : `${determiner} ${words.join(" ")}`;
  return { text, weight: words.join("").length + (run.length > 1 ? 4 : 0) + (determiner === undefined ? 0 : 2) };
}

function isFiller(word: string): boolean {
  return FILLER.has(word.toLowerCase()) || FILLER.has(word.toLowerCase().replace(/['’]\p{L}+$/u, ""));
}

function isShout(word: string): boolean {
  return word.length > 1 && word === word.toUpperCase();
}

function overlaps(left: string, right: string): boolean {
  const words = new Set(right.toLowerCase().split(" ").slice(-3));
  return left
    .toLowerCase()
    .split(" ")
    .some((word) => word.length > 3 && words.has(word));
}
