import type { Random } from "./random.ts";

/** What goes wrong in one schedule, and how often. */
export interface Weather {
  readonly name: WeatherName;
  /** Per await of a task, before and after its effect. */
  readonly crashRate: number;
  /** Per await: the task stands still, maybe beyond its lease. */
  readonly stallRate: number;
  /** Per request to the database. */
  readonly databaseRate: number;
  readonly databaseOutages: number;
  readonly modelRate: number;
  /** Switches of the queue's core. */
  readonly queue: object;
  /** How often the queue sends a message again that was not taken. */
  readonly retries: number;
  readonly publishRate: number;
  readonly queueOutages: number;
  /** Cancels, deletes and edits among the client's requests. */
  readonly meddling: number;
}

export const weatherNames = [
  "calm",
  "duplicates",
  "crashes",
  "database",
  "queue",
  "model",
  "meddling",
  "storm",
] as const;
export type WeatherName = (typeof weatherNames)[number];

/** Nothing goes wrong. */
export const fairWeather: Weather = {
  name: "calm",
  queue: {},
  crashRate: 0,
  stallRate: 0,
  databaseRate: 0,
  databaseOutages: 0,
  modelRate: 0,
  retries: 3,
  publishRate: 0,
  queueOutages: 0,
  meddling: 0,
};

export function chooseWeather(random: Random): Weather {
  const weather = chooseFaults(random);
  return { ...weather, retries: random.pick([0, 3, 3, 20]) };
}

function chooseFaults(random: Random): Weather {
  const name = random.pick(weatherNames);
  const rate = (most: number) => random.draw() * most;
  const noQueueFault = { seed: random.between(1, 1_000_000) };
  const duplicates = {
    ...noQueueFault,
    duplicate: { rate: rate(0.6), after_ms: random.pick(lateness) },
    ...disorder(random),
  };
  switch (name) {
    case "calm":
      return { ...fairWeather, name, queue: noQueueFault };
    case "duplicates":
      return { ...fairWeather, name, queue: duplicates };
    case "crashes":
      return { ...fairWeather, name, queue: duplicates, crashRate: rate(0.2), stallRate: rate(0.08) };
    case "database":
      return {
        ...fairWeather,
        name,
        queue: noQueueFault,
        databaseRate: rate(0.2),
        databaseOutages: random.between(0, 2),
      };
    case "queue":
      return {
        ...fairWeather,
        name,
        queue: { ...duplicates, ...losses(random) },
        publishRate: rate(0.4),
        queueOutages: random.between(0, 2),
      };
    case "model":
      return { ...fairWeather, name, queue: duplicates, modelRate: rate(0.7) };
    case "meddling":
      return { ...fairWeather, name, queue: duplicates, meddling: random.between(1, 5), crashRate: rate(0.05) };
    case "storm":
      return {
        ...fairWeather,
        name,
        queue: { ...duplicates, ...losses(random) },
        crashRate: rate(0.1),
        stallRate: rate(0.06),
        databaseRate: rate(0.06),
        databaseOutages: random.between(0, 1),
        modelRate: rate(0.3),
        publishRate: rate(0.15),
        queueOutages: random.between(0, 1),
        meddling: random.between(0, 3),
      };
  }
}

const lateness = [0, 0, 300, 4_000, 50_000, 400_000] as const;

function disorder(random: Random) {
  return {
    reorder: { rate: random.draw() * 0.5, window_ms: random.pick([200, 3_000, 40_000]) },
    delay: { rate: random.draw() * 0.2, ms: random.pick([500, 10_000, 90_000]) },
    dedup_window: random.pick(["10m", "90d"]),
  };
}

function losses(random: Random) {
  return {
    drop: { rate: random.draw() * 0.25 },
    hang_delivery: { rate: random.draw() * 0.15 },
    lose_answer: { rate: random.draw() * 0.25 },
  };
}
