type Sentences = readonly [string, ...string[]];

/** Sentences with the slots {topic}, {aspect}, {speaker} and {quote}. */
export interface Voice {
  readonly name: string;
  readonly pattern: RegExp;
  readonly openers: Sentences;
  readonly points: Sentences;
  readonly reactions: Sentences;
  readonly closers: Sentences;
}
