/** The rooms of the house: what each may import. Everything that is not listed here is refused. */
export interface Room {
  readonly path: string;
  readonly rooms: readonly string[];
  /** Of these rooms only types may be imported. */
  readonly typesOf?: readonly string[];
  /** Regular expressions of npm package names; "any" also opens Node's builtins. */
  readonly packages: readonly string[] | "any";
}

const ADAPTER_ROOMS = ["src/contract", "src/domain", "src/ports"];

const packagesByAdapter: Readonly<Record<string, readonly string[]>> = {
  neon: ["@neondatabase/serverless", "drizzle-orm"],
  qstash: ["@upstash/qstash", "jose"],
  upstash: ["@upstash/redis", "@upstash/ratelimit"],
  supabase: ["@supabase/supabase-js", "zod"],
  openrouter: ["@langchain/openai", "@langchain/core"],
  dns: ["zod"],
  mcp: [],
  "json-schema": ["@cfworker/json-schema"],
  webhook: [],
  system: [],
};

/** The folders of the domain, from the input up: which others each may import. */
const foldersByFolder: Readonly<Record<string, readonly string[]>> = {
  text: [],
  tokens: [],
  money: [],
  meter: ["text", "money"],
  "json-schema": ["text"],
  webhook: ["text"],
  context: ["text", "tokens"],
  plan: ["tokens", "context", "json-schema"],
  speaker: ["text", "context", "plan"],
  tools: ["text", "json-schema", "speaker"],
  memory: ["text", "tokens", "meter", "context", "plan", "speaker"],
  modes: ["text", "json-schema", "plan", "speaker"],
  turn: ["text", "tokens", "meter", "json-schema", "context", "plan", "speaker", "tools", "memory", "modes"],
};

const VERB_ROOMS = ["src/contract", "src/domain", "src/ports", "src/app/idempotency", "src/app/not-found"];

/** The areas of the verbs: which others, and whether the graph, each may import. */
const roomsByArea: Readonly<Record<string, readonly string[]>> = {
  engine: ["src/graph"],
  turns: ["src/app/engine"],
  memory: ["src/app/engine", "src/app/turns"],
  rooms: ["src/app/turns"],
  webhooks: ["src/app/engine"],
  tools: ["src/app/webhooks"],
  money: [],
  keys: [],
  admin: [],
  service: [],
};

export const rooms: readonly Room[] = [
  { path: "src/contract", rooms: [], packages: ["zod"] },
  { path: "src/domain", rooms: ["src/contract"], typesOf: ["src/contract"], packages: [] },
  ...Object.entries(foldersByFolder).map(([folder, folders]) => ({
    path: `src/domain/${folder}`,
    rooms: ["src/contract", ...folders.map((other) => `src/domain/${other}`)],
    packages: [],
  })),
  { path: "src/ports", rooms: ["src/contract", "src/domain"], packages: [] },
  { path: "src/graph", rooms: ["src/contract", "src/domain", "src/ports"], packages: ["@langchain/[^/]+"] },
  { path: "src/app", rooms: ["src/contract", "src/domain", "src/ports", "src/graph"], packages: [] },
  ...Object.entries(roomsByArea).map(([area, areas]) => ({
    path: `src/app/${area}`,
    rooms: [...VERB_ROOMS, ...areas],
    packages: [],
  })),
  ...Object.entries(packagesByAdapter).map(([vendor, packages]) => ({
    path: `src/adapters/${vendor}`,
    rooms: ADAPTER_ROOMS,
    packages,
  })),
  {
    path: "src/http",
    rooms: ["src/contract", "src/ports", "src/app"],
    packages: ["hono", "@hono/(?!node-server/)[^/]+", "zod"],
  },
  { path: "src/compose", rooms: ["src/contract", "src/domain", "src/ports", "src/adapters"], packages: ["zod"] },
  { path: "src/console", rooms: ["src/contract"], typesOf: ["src/contract"], packages: [] },
  { path: "src/local", rooms: ["src", "functions"], packages: "any" },
  { path: "functions", rooms: ["src/contract", "src/ports", "src/app", "src/http", "src/compose"], packages: [] },
];

/** What a test beside its subject may import on top of what its room may. */
export const TEST_PACKAGES: readonly string[] = ["vitest", "fast-check", "gpt-tokenizer"];

export function isInRoom(room: Pick<Room, "path">, file: string): boolean {
  return new RegExp(roomPattern(room.path)).test(file);
}

export function roomPattern(path: string): string {
  return `^${path}(/|\\.tsx?$)`;
}
