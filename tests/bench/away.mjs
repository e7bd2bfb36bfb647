#!/usr/bin/env node
// What kept seats cost, and a crowd that loses its connections at once and comes back:
//
//   tests/bench/away.mjs                     prints figures; wants two cores with nothing else to do
//   tests/bench/away.mjs --smoke             does it all work? measures nothing
//
// with --members, --connections, --spread SECONDS, --rooms and --seed instead of the numbers below.
// BENCH_BIN and DOWNBEAT_BIN name programs that are built already.

import { execFile, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import { crowd, cut, mostConnections, randoms, say, serverOf, until } from "./support/members.mjs";
import { load, servers } from "./support/servers.mjs";

const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    members: { type: "string" },
    connections: { type: "string" },
    spread: { type: "string" },
    rooms: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
const number = (name, full, smoke) => Number(values[name] ?? (values.smoke ? smoke : full));
const members = number("members", 8_000, 40);
const connections = number("connections", 20_000, 200);
const spread = number("spread", 10, 0.5);
const rooms = number("rooms", 200, 3);

const patience = 60_000;

/** A server that keeps seats, on a free port. */
async function startServer() {
  const [program, ...others] = servers[0].command(0);
  others[others.indexOf("--reconnect-grace") + 1] = "3600";
  const child = spawn(program, [...others, "--ping-interval", "600000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.on("exit", () => child.kill("SIGKILL"));
  let said = "";
  for await (const text of child.stdout) {
    said += text;
    const ready = said.match(/listening on http:\/\/[^:]+:(\d+)/);
    if (ready) return serverOf(child.pid, Number(ready[1]));
  }
  throw new Error(`the server has ended: ${said}`);
}

/** Bytes of resident memory for each member: present, and away after that, and away from the start. */
async function memory() {
  const warmup = Math.ceil(members / 8);
  const present = await startServer();
  const first = await crowd(present, warmup);
  const empty = present.memory();
  const all = await crowd(present, members);
  const full = present.memory();
  cut([...first, ...all]);
  await until(present, "downbeat_participants_away", members + warmup);
  const lost = present.memory();
  present.stop();

  const away = await startServer();
  let count = 0;
  const drop = async (most) => {
    while (count < most) {
      const batch = await crowd(away, Math.min(200, most - count));
      cut(batch);
      count += batch.length;
      await until(away, "downbeat_participants_away", count);
    }
  };
  await drop(warmup);
  const before = away.memory();
  await drop(warmup + members);
  const after = away.memory();
  away.stop();
  return {
    bytes_present: Math.round((full - empty) / members),
    bytes_more_when_lost: Math.round((lost - full) / members),
    bytes_away: Math.round((after - before) / members),
  };
}

/** The load generator's report on rooms of two that play for so long. */
async function jam(server, seconds) {
  const words = ["play", "--rooms", rooms, "--members", 2, "--rate", 10, "--warmup", 0.2, "--seconds", seconds];
  const { stdout } = await promisify(execFile)(load, [...words, "--port", server.port, "--pid", server.pid].map(String));
  const { deliveries, p50_us, p99_us, max_us, lost, doubled, reordered, strayed } = JSON.parse(stdout);
  if (lost + doubled + reordered + strayed > 0) throw new Error(`the jam was disturbed: ${stdout}`);
  return { deliveries, p50_ms: p50_us / 1e3, p99_ms: p99_us / 1e3, max_ms: max_us / 1e3 };
}

/** Cuts everybody at once, and lets them come back within some seconds while others play. */
async function storm() {
  const count = mostConnections(connections, 2 * rooms);
  const server = await startServer();
  const all = await crowd(server, count);
  const quiet = await jam(server, Math.max(0.5, spread / 4));

  // The load generator does not leave its rooms.
  const others = await server.metric("downbeat_participants_away");
  const playing = jam(server, spread * 1.3);
  await sleep(spread * 50);
  const cpu = server.cpu();
  const begin = Date.now();
  cut(all);
  await until(server, "downbeat_participants_away", others + count);
  const noticed_ms = Date.now() - begin;
  const random = randoms(Number(values.seed));
  let recovered = 0;
  let longest_ms = 0;
  const returns = all.map(async ({ pid }) => {
    await sleep(random.next().value * spread * 1e3);
    const start = Date.now();
    const { said } = await say(server, '"resumed":true', `40{"pid":"${pid}"}`).catch(() => ({ said: "" }));
    if (said.includes(`"pid":"${pid}"`)) ++recovered;
    longest_ms = Math.max(longest_ms, Date.now() - start);
  });
  await Promise.race([Promise.all(returns), sleep(spread * 1e3 + patience, undefined, { ref: false })]);
  const cpu_s = server.cpu() - cpu;
  const during = await playing;
  server.stop();
  return { cut: count, noticed_ms, recovered, longest_ms, cpu_s: Number(cpu_s.toFixed(2)), quiet, during };
}

const found = { ...(await memory()), ...(await storm()) };
console.log(JSON.stringify(found, null, 2));
process.exit(found.recovered === found.cut ? 0 : 3);
