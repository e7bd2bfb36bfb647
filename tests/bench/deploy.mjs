#!/usr/bin/env node
// A server with a journal is replaced by another one, behind a socket of a service manager, while members are in
// their rooms: for how long is nobody served, and is everybody back in the seat?
//
//   tests/bench/deploy.mjs                   prints figures; wants two cores with nothing else to do
//   tests/bench/deploy.mjs --smoke           does it all work? measures nothing
//
// with --rooms, --members (of a room), --spread SECONDS and --seed instead of the numbers below. DOWNBEAT_BIN names a
// program that is built already.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ServiceManager } from "../e2e/support/service_manager.mjs";
import { crowd, cut, mostConnections, randoms, say, serverOf } from "./support/members.mjs";

const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    rooms: { type: "string" },
    members: { type: "string", default: "1" },
    spread: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
const members = Number(values.members);
const rooms = Number(values.rooms ?? (values.smoke ? 20 : 10_000));
const spread = Number(values.spread ?? (values.smoke ? 0.2 : 5));
const options = ["--no-limits", "--log-level", "info", "--reconnect-grace", "3600", "--ping-interval", "600000"];

/** Whether a new connection gets an answer, and not only an end. */
async function isServed(port) {
  const socket = connect(port, "127.0.0.1", () =>
    socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
  );
  socket.on("error", () => {});
  let said = "";
  socket.setEncoding("latin1").on("data", (text) => (said += text));
  await once(socket, "close");
  return said.startsWith("HTTP/1.1 200 ");
}

/** Asks on and on until it is told to stop. Returns for how long at most there was no answer. */
async function longestGap(port, signal) {
  let longest_ms = 0;
  let served_at = performance.now();
  while (!signal.aborted) {
    const is_served = await isServed(port);
    const now = performance.now();
    longest_ms = Math.max(longest_ms, now - served_at);
    if (is_served) served_at = now;
    await sleep(2);
  }
  return Math.round(longest_ms);
}

const folder = mkdtempSync(join(tmpdir(), "downbeat-deploy-"));
const manager = await ServiceManager.create();
try {
  const start = () => manager.start("--data", folder, ...options);
  const before = serverOf(await start(), manager.port);
  const all = await crowd(before, mostConnections(rooms * members, 0), members);
  for (const { socket } of all) socket.removeAllListeners("close");
  const enough = new AbortController();
  const gap = longestGap(manager.port, enough.signal);
  await sleep(100);
  const begin = performance.now();
  await manager.stop(before.pid);
  const stop_ms = Math.round(performance.now() - begin);
  const after = serverOf(await start(), manager.port);
  const start_ms = Math.round(performance.now() - begin - stop_ms);
  const random = randoms(Number(values.seed));
  let recovered = 0;
  const returns = all.map(async ({ pid }) => {
    await sleep(random.next().value * spread * 1e3);
    const { socket, said } = await say(after, '"resumed":true', `40{"pid":"${pid}"}`);
    socket.removeAllListeners("close");
    if (said.includes(`"pid":"${pid}"`)) ++recovered;
    return { socket };
  });
  const back = await Promise.all(returns);
  const cpu_s = after.cpu();
  enough.abort();
  const found = { rooms, members: all.length, recovered, gap_ms: await gap, stop_ms, start_ms, cpu_s };
  cut(back);
  console.log(JSON.stringify(found, null, 2));
  process.exitCode = recovered === all.length ? 0 : 3;
  await manager.stop(after.pid);
} finally {
  await manager.close();
  rmSync(folder, { recursive: true });
}
