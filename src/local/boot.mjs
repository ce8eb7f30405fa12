import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE_MAJOR = 20;
const SCRIPT_BY_COMMAND = {
  start: "src/local/start.ts",
  test: "test/run-tests.ts",
  verify: "test/laws/verify.ts",
  chaos: "test/chaos/run.ts",
  bench: "test/bench/run.ts",
  "dev-staging": "src/local/dev-staging.ts",
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const projectBin = join(root, "node_modules/.bin");
const projectNode = join(root, "node_modules/node/bin/node");
const stampFile = join(root, "node_modules/.pantheon-lock");

main(process.argv[2], process.argv.slice(3));

function main(command, args) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE_MAJOR) {
    fail(
      `Pantheon needs Node ${OLDEST_NODE_MAJOR} or newer to install itself; this is Node ${process.versions.node}.`,
      1,
    );
  }
  if (!Object.hasOwn(SCRIPT_BY_COMMAND, command ?? "")) {
    fail(`Say which command to run: ${Object.keys(SCRIPT_BY_COMMAND).join(", ")}; not ${JSON.stringify(command)}.`, 2);
  }
  installWhenLockfileSaysSo();
  const script = join(root, SCRIPT_BY_COMMAND[command]);
  if (!existsSync(script)) fail(`${SCRIPT_BY_COMMAND[command]} is not in this checkout.`, 2);
  run(script, args);
}

function installWhenLockfileSaysSo() {
  const wanted = `${createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex")} ${process.platform}-${process.arch}\n`;
  if (existsSync(projectNode) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  console.error("Installing the packages of package-lock.json (first run, or it has changed) …");
  rmSync(stampFile, { force: true });
  const code = npmCi();
  if (code !== 0) fail(`npm ci ended with ${code}; mend what it says above and run the command again.`, code);
  if (!existsSync(projectNode))
    fail("npm ci left no Node 24 in node_modules/node: allow the install script of the npm package `node`.", 1);
  writeFileSync(stampFile, wanted);
}

function npmCi() {
  const flags = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const npmCli = process.env.npm_execpath ?? "";
  const [program, args] = npmCli.endsWith("npm-cli.js") ? ["node", [npmCli, ...flags]] : ["npm", flags];
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    env: machineEnvironment(),
  });
  if (error) fail(`npm could not be started: ${error.message}`, 1);
  return signal ? signalExitCode(signal) : status;
}

// npm ci deletes node_modules, so it must not run on the Node that lives there.
function machineEnvironment() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return { ...process.env, PATH: folders.filter((folder) => !folder.endsWith("node_modules/.bin")).join(delimiter) };
}

function run(script, args) {
  const endWithParent = new URL("end-with-parent.mjs", import.meta.url).href;
  const child = spawn(projectNode, ["--import", endWithParent, script, ...args], {
    stdio: "inherit",
    env: { ...process.env, PATH: `${projectBin}${delimiter}${process.env.PATH ?? ""}` },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("error", (error) => fail(`Node 24 could not be started: ${error.message}`, 1));
  child.once("exit", (code, signal) => process.exit(signal ? signalExitCode(signal) : code));
}

function signalExitCode(signal) {
  return 128 + constants.signals[signal];
}

function fail(sentence, code) {
  console.error(sentence);
  process.exit(code);
}
