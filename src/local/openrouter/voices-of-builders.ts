import type { Voice } from "./voice.ts";

export const planner: Voice = {
  name: "planner",
  pattern: /\b(?:planner|planning|project manager|product manager|roadmap|strategist|strategy|coordinator)\b/iu,
  openers: [
    "I would treat {topic} as three steps with a clear stop after each, so that we can turn back cheaply.",
    "Let us put an order to {topic}: first what must be true, then what we build, then what we measure.",
    "The plan for {topic} is short, and every step in it has one owner and one date.",
  ],
  points: [
    "Week one goes to {aspect}, because everything later waits on it and nobody has claimed it yet.",
    "Step two is a pilot with a handful of real users; it runs for two weeks and ends with a written verdict.",
    "The critical path runs through {aspect}, so I would staff that first and let the rest start late.",
    "I leave one fifth of the time unplanned, since the surprises in {topic} will not ask for permission.",
    "Each milestone names what we drop if it slips; a plan without a cut list is only a wish.",
    "We hold one short review at the half-way mark and change course there, not every morning.",
  ],
  reactions: [
    "{speaker} raises something that changes the order, so I move that check to the front.",
    "I take what {speaker} said as an entry condition: we do not begin step two before it is settled.",
    "On {speaker}'s words, “{quote}”, I would add a named owner before the end of this week.",
  ],
  closers: [
    "If we agree on {aspect} today, the first useful result is two weeks away.",
    "My proposal: accept the first step now and decide on the second when its numbers are in.",
    "Give me a yes on the order, and I will turn it into dates.",
  ],
};

export const engineer: Voice = {
  name: "engineer",
  pattern:
    /\b(?:engineer(?:ing)?|developer|architect|programmer|devops|sre|technical|back-?end|front-?end|cto|coder)\b/iu,
  openers: [
    "From the building side, {topic} is mostly a question of where the state lives and who may change it.",
    "I sketched {topic} as the smallest thing that could work, and it is smaller than I feared.",
    "Technically {topic} is feasible; the interesting part is what happens on the day it fails.",
  ],
  points: [
    "I would put {aspect} behind one narrow interface, so that we can replace it without touching its callers.",
    "Every write needs a key that makes a retry harmless; networks repeat themselves and so do people.",
    "Before any code I want one number: how many requests a second {topic} has to bear at its worst hour.",
    "A feature flag lets us ship {aspect} dark, compare both paths for a week, and switch back in a minute.",
    "The migration is the risky half: copy first, verify the counts, then move the readers one by one.",
    "I would log each decision with its inputs, because the first bug report will be about last Tuesday.",
  ],
  reactions: [
    "What {speaker} asks for is about two days of work if we keep the old path alive beside it.",
    "{speaker}'s remark, “{quote}”, turns into a test that I can write before anything else.",
    "I agree with {speaker} on the direction, but the order matters: data first, screens afterwards.",
  ],
  closers: [
    "I can have a thin end-to-end slice of {topic} running by Friday, and we judge from that.",
    "Start with the boring version; we will know where to be clever once it carries traffic.",
    "So: one interface, one flag, one rollback, and then we look at {aspect} again.",
  ],
};

export const designer: Voice = {
  name: "designer",
  pattern: /\b(?:designer|design|ux|ui|user experience|usability|product)\b/iu,
  openers: [
    "I start from the person who meets {topic} on a small screen, in a hurry, for the first time.",
    "Before we talk about {topic} as a feature, picture the moment in which somebody actually wants it.",
    "For me {topic} stands or falls with its first thirty seconds.",
  ],
  points: [
    "Most people will never read about {aspect}; the default has to be right for them without a word.",
    "I would show one choice, not four, and keep {aspect} one quiet tap away for those who look for it.",
    "Five conversations with users would teach us more about {topic} than another month among ourselves.",
    "When something goes wrong the screen should say what happened, what is safe, and what to do next.",
    "The empty state deserves the most care, since that is what every newcomer sees.",
    "Naming matters here: if we cannot call {aspect} something plain, the concept is not ready.",
  ],
  reactions: [
    "{speaker} describes the system well; I would describe the same thing from the chair in front of it.",
    "When {speaker} says “{quote}”, I hear a promise that the interface has to keep visible.",
    "I would soften {speaker}'s proposal at one point: people need a way back more than a way forward.",
  ],
  closers: [
    "I will draw two versions of {aspect}, and we put both in front of real people on Thursday.",
    "Make it calm, make it reversible, and {topic} will explain itself.",
    "If a friend can use it without asking me anything, we are done.",
  ],
};

export const writer: Voice = {
  name: "writer",
  pattern: /\b(?:writer|editor|copywriter|storyteller|poet|journalist|author|narrator)\b/iu,
  openers: [
    "If I had to put {topic} on a postcard, I would write one sentence and stop.",
    "Every account of {topic} begins with somebody who wants something and cannot get it yet.",
    "There is a plain way to say what {topic} is about, and we have been walking around it.",
  ],
  points: [
    "Lead with {aspect}: it is concrete, it can be pictured, and nobody needs a glossary for it.",
    "Cut the adjectives; readers believe verbs and numbers, and they forgive a short sentence anything.",
    "I would tell one true story about {topic}, with a name and a morning in it, rather than list five benefits.",
    "The objection belongs in the second paragraph, said kindly and answered in full.",
    "Read aloud, the phrase around {aspect} stumbles, which usually means that the thought does too.",
    "Let the last line do one thing only, and let that thing be an invitation.",
  ],
  reactions: [
    "{speaker} already has the best line in the room: “{quote}”. I would keep it and build around it.",
    "What {speaker} says is right and a little tall; at half the length it would land twice as well.",
    "I hear in {speaker}'s answer the turn that the whole piece was missing.",
  ],
  closers: [
    "So my draft opens on {aspect}, turns once, and ends before anybody looks at the clock.",
    "Say it simply, mean it, and {topic} will carry itself.",
    "Give me the one fact we are proud of, and I will find the sentence for it.",
  ],
};

export const marketer: Voice = {
  name: "marketer",
  pattern: /\b(?:market(?:er|ing)|growth|sales|brand|customers?|community|support)\b/iu,
  openers: [
    "Customers will not ask for {topic} by name; they will ask why their Tuesday got easier.",
    "The market for {topic} is crowded with promises, which is an opening for whoever shows proof.",
    "I looked at {topic} through the eyes of the buyer who has ten minutes and a budget.",
  ],
  points: [
    "Our sharpest claim is {aspect}; I would test it on one page with a hundred visitors before we build more.",
    "Pick one narrow audience and be obviously right for them, because broad and vague loses to narrow and clear.",
    "Existing customers are the cheapest channel: ten of them telling the story beat any campaign about {topic}.",
    "Price is part of the message, and free tells people that {aspect} is worth what they paid.",
    "I would measure who comes back in the second week, not who signed up in the first.",
    "The follow-up matters more than the launch, so half of the effort goes to month two.",
  ],
  reactions: [
    "{speaker}'s point sells better than it sounds; “{quote}” is nearly a headline.",
    "I would translate what {speaker} said into the customer's words and see whether it survives.",
    "{speaker} and I want the same thing, only I would promise less and show it sooner.",
  ],
  closers: [
    "Let us run one small test on {aspect} this week and let strangers vote with their time.",
    "One audience, one claim, one proof: that is how I would bring {topic} out.",
    "If five customers say yes unprompted, we scale; otherwise we listen again.",
  ],
};
