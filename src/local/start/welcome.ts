import type { Demo } from "./demo.ts";

export interface WelcomeFacts {
  readonly url: string;
  readonly dataFolder: string;
  readonly supabaseUrl: string;
  readonly supabaseAnonKey: string;
  /** Where the models are, if not in the stand-in. */
  readonly models: string | undefined;
  readonly demo: Demo;
  readonly readyInMs: number;
}

export function welcome(facts: WelcomeFacts): string {
  const { url, dataFolder, supabaseUrl, supabaseAnonKey, demo } = facts;
  return `
Pantheon runs on this machine, ready in ${(facts.readyInMs / 1000).toFixed(1)} s.

  API           ${url}/api/v1
  Reference     ${url}/api/v1/docs
  Sign-in       ${demo.email}  ${demo.password}
  Supabase      ${supabaseUrl}
  Anon key      ${supabaseAnonKey}
  API key       ${demo.apiKey}
  Session       ${demo.sessionId}
  Models        ${facts.models ?? "a stand-in; they cost nothing"}
  Data          ${dataFolder}

Try it:

${demoCurl(url, demo)}

Ctrl-C ends it; the data stays.
`;
}

/** A round table of the demo room, answered when all have spoken. */
function demoCurl(url: string, { apiKey, sessionId }: Demo): string {
  return [
    `curl -sS ${url}/api/v1/sessions/${sessionId}/turns`,
    `-H 'Authorization: Bearer ${apiKey}'`,
    "-H 'Content-Type: application/json' -H 'Prefer: wait=25'",
    `-d '{"message": "Are we ready to ship on Friday?"}'`,
  ].join(" \\\n  ");
}
