import { join } from "node:path";
import { unstable_readConfig as readConfig } from "wrangler";

/** Without the last one a fetch to our own zone goes past its firewall, to the origin. */
const wanted = ["nodejs_compat", "global_fetch_strictly_public"];
const environments = [undefined, "staging", "production"];

/** What the Worker of each environment lacks; the local one is built from the same file. */
export function missingFlags(folder: string): readonly string[] {
  return environments.flatMap((env) => {
    const { compatibility_flags } = readConfig({ config: join(folder, "wrangler.toml"), env }, { hideWarnings: true });
    const missing = wanted.filter((flag) => !compatibility_flags.includes(flag));
    return missing.map((flag) => `wrangler.toml: the Worker of ${env ?? "npm start"} lacks the flag ${flag}`);
  });
}
