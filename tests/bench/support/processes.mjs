// The processes of a measurement, each on its core: servers, and the load on them.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { load } from "./servers.mjs";

const run = promisify(execFile);
const running = new Set();

process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

/** Starts a server's command, and waits until it says that it listens, or what else it says when it is `ready`. */
export async function start({ name, environment, ready: readyText = "listening" }, command, core) {
  // taskset replaces itself by the server, so that the process id is the server's.
  const child = spawn("taskset", ["-c", core, ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  running.add(child);
  let said = "";
  const ready = new Promise((resolve, reject) => {
    const listen = (text) => {
      said += text;
      if (said.includes(readyText)) resolve();
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("error", reject);
    child.on("exit", () => {
      running.delete(child);
      reject(new Error(`${name} has ended: ${said}`));
    });
  });
  const late = sleep(20_000, undefined, { ref: false }).then(() => {
    throw new Error(`${name} does not listen: ${said}`);
  });
  await Promise.race([ready, late]);
  return child;
}

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Answers what the load generator printed; `faulty` if messages were lost, doubled, and so on. */
export async function play(words, core) {
  try {
    const { stdout } = await run("taskset", ["-c", core, load, ...words.map(String)], { timeout: 300_000 });
    return JSON.parse(stdout);
  } catch (error) {
    if (error.code === 3) return { ...JSON.parse(error.stdout), faulty: true };
    throw new Error(`${load} ${words.join(" ")}: ${error.stderr || error.message}`);
  }
}

/** Below the ports that clients get, because a closed client may keep its port for a minute. */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const probe = createServer();
    try {
      probe.listen(port);
      await once(probe, "listening");
    } catch {
      continue;
    }
    probe.close();
    await once(probe, "close");
    return port;
  }
}
