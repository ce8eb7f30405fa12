import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import "./end-with-parent.mjs";
import { installPackages } from "./install-packages.mjs";

const OLDEST_NODE_MAJOR = 20;
const SCRIPT_BY_COMMAND = {
  start: "src/local/start.ts",
  test: "test/run-tests.ts",
  verify: "test/laws/verify.ts",
  chaos: "test/chaos/run.ts",
  bench: "test/bench/run.ts",
  "dev-staging": "src/local/dev-staging.ts",
  migrate: "src/local/migrate-cli.ts",
  reconcile: "src/local/reconcile.ts",
  rebuild: "src/local/rebuild.ts",
  money: "test/money/run.ts",
  cuts: "test/watch/run.ts",
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const projectNode = join(root, "node_modules/node/bin/node");

process.exit(await main(process.argv[2], process.argv.slice(3)));

async function main(command, args) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE_MAJOR) {
    return refuse(`Pantheon needs Node ${OLDEST_NODE_MAJOR} or newer; this is Node ${process.versions.node}.`);
  }
  if (!Object.hasOwn(SCRIPT_BY_COMMAND, command ?? "")) {
    return refuse(`Say which command to run: ${Object.keys(SCRIPT_BY_COMMAND).join(", ")}.`);
  }
  const complaint = await installPackages({ root, projectNode, runToEnd });
  if (complaint) return refuse(complaint);
  const script = join(root, SCRIPT_BY_COMMAND[command]);
  if (!existsSync(script)) return refuse(`${SCRIPT_BY_COMMAND[command]} is not in this checkout.`);
  const endWithParent = new URL(`end-with-parent.mjs?parent=${process.pid}`, import.meta.url).href;
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
  return runToEnd(projectNode, ["--import", endWithParent, script, ...args], { PATH: path });
}

/** Runs a program in the foreground, hands it our signals, and answers with its exit code. */
function runToEnd(program, args, variables) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...variables } });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.once("error", (error) => resolve(refuse(`${program} could not be started: ${error.message}`)));
    child.once("exit", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  });
}

function refuse(sentence) {
  console.error(sentence);
  return 1;
}
