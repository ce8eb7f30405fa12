import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_readConfig as readConfig, unstable_getVarsForDev as readVariables } from "wrangler";
import { parseEnvironment } from "../compose/env.ts";
import { readPort, SettingError } from "./start/settings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const config = join(root, "wrangler.toml");
const environment = "staging";
const fileName = `.dev.vars.${environment}`;

// Without the file wrangler takes variables from this process, and only if it is told to.
if (!existsSync(join(root, fileName))) process.env.CLOUDFLARE_INCLUDE_PROCESS_ENV = "true";
process.env.WRANGLER_SEND_METRICS ??= "false";
// Or the first request waits for Cloudflare to say where this machine is.
process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";

try {
  const port = readPort(process.env.PORT);
  checkVariables();
  process.exitCode = await runWrangler(port);
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Checks exactly what the Worker is going to get. */
function checkVariables(): void {
  const { vars } = readConfig({ config, env: environment }, { hideWarnings: true });
  const bindings = Object.entries(readVariables(config, undefined, vars, environment, true));
  const parsed = parseEnvironment(
    Object.fromEntries(bindings.map(([name, binding]) => [name, "value" in binding ? binding.value : undefined])),
  );
  if (parsed.kind === "valid") return;
  throw new SettingError(`${parsed.message} Set it in ${fileName} (see .dev.vars.example) or in the environment.`);
}

/** Hands signals on, so that wrangler ends its own children before it ends. */
function runWrangler(port: number): Promise<number> {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const args = ["dev", "--config", config, "--env", environment, "--ip", "127.0.0.1", "--port", String(port)];
  const child = spawn(process.execPath, [wrangler, ...args], { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}
