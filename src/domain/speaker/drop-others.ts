import { maskBlocks } from "./mask-code.ts";
import type { Speaker } from "./quote.ts";
import { labelIn, type SpeakerLabels, speakerLabels } from "./speaker-labels.ts";

export interface OwnLines {
  readonly text: string;
  readonly startsAsOther: boolean;
  readonly continuesAsOther: boolean;
}

const lineBreak = /\r\n|[\n\r\u2028\u2029]/g;

/**
 * A reply up to where it goes on as another. One that starts as another is heard from where it first speaks under its own label, if
 * it does.
 */
export function dropOthers(text: string, labels: SpeakerLabels): OwnLines {
  const lines = linesOf(text);
  const isOther = lines.map(({ masked }) => labelIn(masked, labels.others) !== null);
  const startsAsOther = isOther[0] === true;
  const begin = startsAsOther ? lines.findIndex(({ masked }) => labelIn(masked, labels.own) !== null) : 0;
  const end = begin < 0 ? -1 : isOther.indexOf(true, begin);
  const own = begin < 0 ? [] : lines.slice(begin, end < 0 ? undefined : end);
  const first = startsAsOther ? (labelIn(own[0]?.line ?? "", labels.own)?.rest ?? "") : (own[0]?.line ?? "");
  const said = [first, ...own.slice(1).map(({ line, gap }) => gap + line)];
  return { text: said.join("").trim(), startsAsOther, continuesAsOther: isOther.lastIndexOf(true) > 0 };
}

/** A reply without the name that its speaker put in front of it. */
export function withoutOwnLabel(text: string, self: Speaker): string {
  const [first, ...others] = linesOf(text.trim());
  const named = labelIn(first?.masked ?? "", speakerLabels([], self).own);
  if (first === undefined || named === null) return text;
  return [named.rest, ...others.map(({ gap, line }) => gap + line)].join("").trim();
}

interface Line {
  /** The break before it. */
  readonly gap: string;
  readonly line: string;
  readonly masked: string;
}

function linesOf(text: string): readonly Line[] {
  const masked = maskBlocks(text);
  const gaps = [...text.matchAll(lineBreak)];
  const starts = [0, ...gaps.map(({ 0: gap, index }) => index + gap.length)];
  return starts.map((start, place) => {
    const end = gaps[place]?.index ?? text.length;
    return { gap: gaps[place - 1]?.[0] ?? "", line: text.slice(start, end), masked: masked.slice(start, end) };
  });
}
