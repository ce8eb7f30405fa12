import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Installs when package-lock.json is not what was installed last; answers with a complaint or nothing. */
export async function installPackages({ root, projectNode, runToEnd }) {
  const stampFile = join(root, "node_modules/.pantheon-lock");
  const lockfile = readFileSync(join(root, "package-lock.json"));
  const wanted = `${createHash("sha256").update(lockfile).digest("hex")} ${process.platform}-${process.arch}\n`;
  const isInstalled = () => readStamp(stampFile) === wanted && existsSync(projectNode);

  if (isInstalled()) return undefined;
  const release = await takeTurn(join(root, ".pantheon"));
  try {
    if (isInstalled()) return undefined;
    console.error("Installing the packages of package-lock.json (first run, or it has changed) …");
    // Without a stamp an install was cut short, and npm takes a half-written package for a whole one.
    if (!existsSync(stampFile)) rmSync(join(root, "node_modules"), { recursive: true, force: true });
    rmSync(stampFile, { force: true });
    const code = await npmInstall(root, runToEnd);
    if (code !== 0) return `npm could not install (it ended with ${code}); see above, then run the command again.`;
    if (!existsSync(projectNode)) return "npm installed no Node 24: allow the install script of the npm package node.";
    writeFileSync(stampFile, wanted);
    return undefined;
  } finally {
    release();
  }
}

// Not "npm ci": it refuses a lockfile without the optional packages of other platforms, which some registries do not carry.
function npmInstall(root, runToEnd) {
  const flags = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", root];
  const npmCli = process.env.npm_execpath ?? "";
  const [program, args] = npmCli.endsWith("npm-cli.js") ? ["node", [npmCli, ...flags]] : ["npm", flags];
  return runToEnd(program, args, { PATH: pathWithoutProject() });
}

// npm replaces node_modules, so it must not run on the Node that lives there.
function pathWithoutProject() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !/[\\/]node_modules[\\/]\.bin$/.test(folder)).join(delimiter);
}

function readStamp(stampFile) {
  return existsSync(stampFile) ? readFileSync(stampFile, "utf8") : undefined;
}

/** Two commands of a first run would install over each other: the second one waits. */
async function takeTurn(folder) {
  mkdirSync(folder, { recursive: true });
  const turnFile = join(folder, "install.pid");
  for (let tries = 0; !claim(turnFile); tries += 1) {
    if (tries === 1) console.error(`Waiting for the process that installs already (its id is in ${turnFile}) …`);
    await sleep(250);
  }
  return () => rmSync(turnFile, { force: true });
}

function claim(turnFile) {
  try {
    writeFileSync(turnFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const owner = Number(readStamp(turnFile));
    if (owner === process.pid || !isRunning(owner)) rmSync(turnFile, { force: true });
    return false;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
