/** What `npm start` prints when all is up. */
export const welcomeEnd = "Ctrl-C ends it";

export type WelcomeText = ReturnType<typeof parseWelcome>;

/** The table and the command that `npm start` prints. */
export function parseWelcome(text: string) {
  const printedAt = (label: string) => new RegExp(`^  ${label} +(.+)$`, "m").exec(text)?.[1] ?? "";
  const [email = "", password = ""] = printedAt("Sign-in").split(/ +/);
  return {
    api: printedAt("API"),
    reference: printedAt("Reference"),
    email,
    password,
    supabaseUrl: printedAt("Supabase"),
    anonKey: printedAt("Anon key"),
    apiKey: printedAt("API key"),
    session: printedAt("Session"),
    curl: /^curl (?:.+\n)+/m.exec(text)?.[0] ?? "",
    readySeconds: Number(/ready in ([\d.]+) s/.exec(text)?.[1]),
  };
}
