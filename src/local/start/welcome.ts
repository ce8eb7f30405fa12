import type { Demo } from "./demo.ts";

export interface WelcomeFacts {
  readonly url: string;
  readonly dataFolder: string;
  readonly supabaseUrl: string;
  readonly supabaseAnonKey: string;
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
  Data          ${dataFolder}

Try it:

${demoCurl(url, demo)}

Ctrl-C ends it; the data stays.
`;
}

function demoCurl(url: string, { apiKey }: Demo): string {
  return [`curl -sS ${url}/api/v1/rooms`, `-H 'Authorization: Bearer ${apiKey}'`].join(" \\\n  ");
}
