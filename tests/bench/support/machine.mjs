// The machine and the versions of a measurement.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { bunPackage } from "./servers.mjs";

const versionOf = (name) => {
  try {
    const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
    return JSON.parse(readFileSync(file, "utf8")).version;
  } catch {
    return "none";
  }
};

/** As in "7.0.15". */
function redisVersion() {
  try {
    const env = { PATH: `${process.env.PATH}:/usr/sbin` };
    return execFileSync("redis-server", ["--version"], { env, encoding: "utf8" }).match(/v=(\S+)/)[1];
  } catch {
    return "none";
  }
}

export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadAverage: loadavg()[0],
    node: process.version,
    socketio: versionOf("socket.io"),
    ws: versionOf("ws"),
    uws: versionOf("@trufflesuite/uws-js-unofficial"),
    bun: versionOf(bunPackage),
    redis: redisVersion(),
    redisAdapter: versionOf("@socket.io/redis-adapter"),
    streamsAdapter: versionOf("@socket.io/redis-streams-adapter"),
    redisClient: versionOf("redis"),
  };
}
