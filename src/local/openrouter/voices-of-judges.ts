import type { Voice } from "./voice.ts";

export const critic: Voice = {
  name: "critic",
  pattern:
    /\b(?:critic|critical|sceptic(?:al)?|skeptic(?:al)?|devil['’]s advocate|reviewer|red.team(?:er)?|challenger?|contrarian)\b/iu,
  openers: [
    "I want to like {topic}, so let me try to break it first.",
    "The case for {topic} rests on an assumption that nobody has said aloud yet.",
    "Suppose that a year from now {topic} has failed; the reason is probably visible today.",
  ],
  points: [
    "What convinces me least is {aspect}: we treat it as settled, and all we have is an anecdote.",
    "The plan works if everyone behaves as expected, and people have never once done me that favour.",
    "There is a cheaper alternative that we dismissed too quickly, namely doing nothing and watching for a month.",
    "I miss a number that would make us stop; without one, {topic} can only ever look promising.",
    "The costs of {aspect} fall on people who are not in this room, and they will notice.",
    "Two of the benefits exclude each other, so we should say which one we would give up.",
  ],
  reactions: [
    "{speaker} makes the strongest argument so far, yet it holds only while the numbers stay small.",
    "I disagree with {speaker} on one point: “{quote}” describes a hope and not a result.",
    "If {speaker} is right, we should see it within two weeks; let us write down what we would have to see.",
  ],
  closers: [
    "Show me evidence on {aspect}, and I will gladly change my mind.",
    "My vote is a small trial with an exit, and no announcement until it has earned one.",
    "I am not against {topic}; I am against finding out the expensive way.",
  ],
};

export const researcher: Voice = {
  name: "researcher",
  pattern: /\b(?:research(?:er)?|scientist|analyst|analysis|evidence|data|historian|statistician|expert)\b/iu,
  openers: [
    "The evidence on {topic} is thinner than its reputation, though it points in one direction.",
    "I would separate what is known about {topic} from what is merely repeated about it.",
    "Three kinds of sources speak to {topic}: field reports, controlled comparisons and our own records.",
  ],
  points: [
    "The comparisons that hold up best all vary {aspect} alone and leave the rest untouched.",
    "Effects in this area tend to shrink by half when somebody repeats the study with a larger sample.",
    "Our own records already contain a natural experiment on {aspect}, and nobody has looked at it yet.",
    "I would ask the opposite question too: in which cases did {topic} help least, and what did they share?",
    "A base rate helps here: most projects of this size take about twice their first estimate.",
    "The measure must be fixed before we look, otherwise we will find whatever we hoped for.",
  ],
  reactions: [
    "{speaker}'s claim can be tested, which I mean as praise; I would start with exactly that.",
    "The statement by {speaker}, “{quote}”, agrees with what I found, with wider error bars.",
    "I would qualify what {speaker} said: it is true for small groups and open for large ones.",
  ],
  closers: [
    "My confidence is moderate; one clean comparison on {aspect} would raise it a good deal.",
    "Until that is measured I would call {topic} plausible and not proven.",
    "The next useful step is a two-week comparison with the stopping rule written in advance.",
  ],
};

export const economist: Voice = {
  name: "economist",
  pattern: /\b(?:economist|economics?|financ(?:e|ial)|cfo|account(?:ant|ing)|pricing|investor|budget|treasurer)\b/iu,
  openers: [
    "Put a price on it: {topic} costs us attention first and money only afterwards.",
    "The question behind {topic} is who pays, who gains, and whether those are the same people.",
    "On the margin {topic} looks attractive; in the aggregate it depends on one ratio.",
  ],
  points: [
    "The fixed part of {aspect} is paid once, the variable part forever, and only the second should scare us.",
    "If ten percent of users change their behaviour the sum breaks even; at five percent it is a subsidy.",
    "What we give up matters most: the same six weeks could go into the thing that customers already pay for.",
    "Incentives will find the gap, so whoever benefits from {aspect} should also carry its cost.",
    "I would cap the downside in advance, at an amount that nobody would mourn.",
    "A price is also a signal, and changing it twice teaches people to wait for the third time.",
  ],
  reactions: [
    "{speaker} is right about the benefit and silent about the bill, so let me add the second column.",
    "{speaker} said “{quote}”; I would like to see the amount that stands behind that sentence.",
    "I would price {speaker}'s suggestion as an option: small premium now, choice later.",
  ],
  closers: [
    "My advice: buy the option on {topic}, not the whole position.",
    "With a cap on the cost and a date for the review, the expected value is positive.",
    "Settle {aspect} with a number, and the rest of the argument becomes arithmetic.",
  ],
};

export const lawyer: Voice = {
  name: "lawyer",
  pattern: /\b(?:lawyer|legal|law|compliance|privacy|ethic(?:s|al|ist)|policy|security|risk|safety)\b/iu,
  openers: [
    "Nothing in {topic} is forbidden as such; the care lies in how we do it and what we keep.",
    "I read {topic} for what could be held against us on a bad day.",
    "Two duties meet in {topic}: being useful to people and being able to explain ourselves afterwards.",
  ],
  points: [
    "Collect less: whatever we do not store about {aspect} can neither leak nor be demanded.",
    "Consent has to be as easy to withdraw as to give, and the default must survive a hostile reading.",
    "Someone should sign for {aspect} by name, since shared responsibility tends to evaporate.",
    "Write down today why we chose this; in a year that page will be worth more than our memory.",
    "The people affected should learn of it from us, in plain words, before they notice it themselves.",
    "A way to appeal costs little and turns most complaints into corrections.",
  ],
  reactions: [
    "I can support what {speaker} proposes if it comes with an end date and a way to object.",
    "{speaker}'s phrase, “{quote}”, should not appear in public before we can prove it.",
    "What {speaker} describes is lawful; whether it is fair depends on who is told.",
  ],
  closers: [
    "With a short record, a named owner and a way out, I have no objection to {topic}.",
    "Let us settle {aspect} in writing first; the rest can follow quickly.",
    "If we would be comfortable reading about it in the newspaper, we may proceed.",
  ],
};

export const generalist: Voice = {
  name: "generalist",
  pattern: /$^/u,
  openers: [
    "Taking {topic} as it stands, I see one decision that matters and several that only feel urgent.",
    "Here is how I would approach {topic} if the choice were mine this afternoon.",
    "There is a simple version of {topic}, and I think that it is the right one to begin with.",
  ],
  points: [
    "The first thing to settle is {aspect}, since the other choices follow from it almost by themselves.",
    "A small trial with real people would tell us in days what a debate will not tell us in weeks.",
    "I would keep the part that can be undone and postpone the part that cannot.",
    "It helps to say what success looks like: one sentence, one number, one date.",
    "The usual mistake with {topic} is to solve the rare case first and leave the common one clumsy.",
    "Someone who disagrees should be asked to look for the hole, before it finds us.",
  ],
  reactions: [
    "I agree with {speaker} on the main line and would only change the order.",
    "{speaker} said “{quote}”, and that is the part that I would keep whatever else we decide.",
    "What {speaker} adds is useful, because it names the cost that the rest of us passed over.",
  ],
  closers: [
    "So I would begin with {aspect}, keep it small, and look again in two weeks.",
    "That gives us a first result soon and leaves every door open.",
    "If nobody objects, I would take the first step on {topic} now.",
  ],
};

export const synthesizer: Voice = {
  name: "synthesizer",
  pattern: /\b(?:synthesi[sz](?:e|es|er|ing)|moderator|facilitator|orchestrat(?:or|e|es)|manager|chair|combine)\b/iu,
  openers: [
    "Taken together, the answers on {topic} agree on more than their tone suggests.",
    "The room has reached a workable position on {topic}, with one disagreement worth keeping.",
    "Here is where we stand on {topic} after hearing everyone out.",
  ],
  points: [
    "Common ground: begin small, decide {aspect} early, and set the measure before looking at results.",
    "The open disagreement is about speed, and it can be settled by a short trial instead of an argument.",
    "Nobody defended a full launch at once, so I record that as decided.",
    "What remains unanswered is who owns {aspect}; I would name one person before the day ends.",
  ],
  reactions: [
    "{speaker} put the weight here: “{quote}”.",
    "From {speaker} comes the condition that shapes the rest: “{quote}”.",
    "{speaker} adds a point that nobody contradicted: “{quote}”.",
    "I also keep what {speaker} said, word for word: “{quote}”.",
  ],
  closers: [
    "Recommendation: start the trial on {topic} now, review it in two weeks, and keep the dissent on record.",
    "So the answer is a qualified yes, with {aspect} as the first thing to do.",
    "Unless somebody objects, this is the position that we take forward.",
  ],
};
