import { randomBytes } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import * as z from "zod";
import { DataFolderError, readKept, writeKept } from "../cloud/data-folder.ts";
import { type ApiCaller, isThere } from "./call-api.ts";
import { createDemoKey, createDemoRoom, createDemoSession } from "./demo-room.ts";

const KeptDemo = z.strictObject({
  email: z.email(),
  password: z.string(),
  roomId: z.string().nullable(),
  sessionId: z.string().nullable(),
  apiKey: z.string().nullable(),
});
type KeptDemo = z.infer<typeof KeptDemo>;

export interface Demo {
  readonly email: string;
  readonly password: string;
  readonly sessionId: string;
  readonly apiKey: string;
}

export interface DemoOptions {
  readonly dataFolder: string;
  readonly baseUrl: string;
  readonly supabaseUrl: string;
  readonly supabaseAnonKey: string;
}

const fileName = "demo.json";

/** Makes through the public API what is not there yet; with everything in place it is one read. */
export async function seedDemo(options: DemoOptions): Promise<Demo> {
  const { dataFolder, baseUrl } = options;
  const kept = readKept(dataFolder, fileName, KeptDemo) ?? newDemo();
  const whole = await asWhole(kept, baseUrl);
  if (whole !== null) return whole;
  writeKept(dataFolder, fileName, kept);
  const caller = { baseUrl, token: await signIn(options, kept) };
  return complete(caller, kept, (demo) => writeKept(dataFolder, fileName, demo));
}

function newDemo(): KeptDemo {
  const password = randomBytes(9).toString("base64url");
  return { email: "demo@pantheon.example", password, roomId: null, sessionId: null, apiKey: null };
}

async function asWhole({ email, password, sessionId, apiKey }: KeptDemo, baseUrl: string): Promise<Demo | null> {
  if (sessionId === null || apiKey === null) return null;
  const caller = { baseUrl, token: apiKey };
  return (await isThere(caller, `/sessions/${sessionId}`)) ? { email, password, sessionId, apiKey } : null;
}

/** Keeps each thing as soon as it is made, so that a start cut short is taken up where it was. */
async function complete(caller: ApiCaller, kept: KeptDemo, keep: (demo: KeptDemo) => void): Promise<Demo> {
  const roomId = (await stillThere(caller, "/rooms", kept.roomId)) ?? (await createDemoRoom(caller, kept.roomId));
  keep({ ...kept, roomId });
  const sessionId =
    (await stillThere(caller, "/sessions", kept.sessionId)) ??
    (await createDemoSession(caller, roomId, kept.sessionId));
  keep({ ...kept, roomId, sessionId });
  const apiKey = (await stillUsable(caller, kept.apiKey)) ?? (await createDemoKey(caller, `demo-api-key-${sessionId}`));
  const whole = { ...kept, roomId, sessionId, apiKey };
  keep(whole);
  return whole;
}

async function stillThere(caller: ApiCaller, collection: string, id: string | null): Promise<string | null> {
  return id !== null && (await isThere(caller, `${collection}/${id}`)) ? id : null;
}

async function stillUsable({ baseUrl }: ApiCaller, apiKey: string | null): Promise<string | null> {
  return apiKey !== null && (await isThere({ baseUrl, token: apiKey }, "/rooms")) ? apiKey : null;
}

async function signIn({ supabaseUrl, supabaseAnonKey }: DemoOptions, { email, password }: KeptDemo): Promise<string> {
  const { auth } = createClient(supabaseUrl, supabaseAnonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const known = await auth.signInWithPassword({ email, password });
  if (known.data.session !== null) return known.data.session.access_token;
  const made = await auth.signUp({ email, password });
  const session = made.data.session;
  if (session === null) throw new DataFolderError(`${fileName} does not fit the demo user: ${made.error?.message}`);
  return session.access_token;
}
