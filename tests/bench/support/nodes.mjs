// Several nodes on one Redis: Downbeat, and Socket.IO with the adapters that its manual has for that. All rooms are
// spread evenly over the nodes.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, play, start, stop } from "./processes.mjs";
import { servers as single } from "./servers.mjs";

const [downbeat, onWs] = single;

const peer = (name, label) => ({
  ...onWs,
  name,
  label,
  nodeCommand: (port, { redis, count }) => [
    ...onWs.command(port).map((word) => word.replace("/ws.mjs", "/nodes.mjs")),
    ...[name, redis, `${count}`],
  ],
});

export const servers = [
  {
    ...downbeat,
    nodeCommand: (port, { redis, name }) => [
      ...downbeat.command(port).filter((_, i, all) => !all.slice(i - 1, i + 1).includes("--reconnect-grace")),
      ...["--node", name, "--redis", redis],
    ],
  },
  peer("redis-adapter", "Socket.IO on ws, redis-adapter"),
  peer("streams-adapter", "Socket.IO on ws, redis-streams-adapter"),
];

const serversCpu = "CPU of the servers together";
const redisCpu = "CPU of Redis";

/** Rooms of four that play: at this rate, or without one as fast as they can. */
function bands({ rate, say, latency, alone = false }) {
  const rows = [
    { key: "crossing_cpu_us", label: `a delivery to another node, ${say}`, unit: "µs", group: serversCpu },
    { key: "crossing_redis_us", label: `a delivery to another node, ${say}`, unit: "µs", group: redisCpu },
  ];
  const where = alone ? "one node alone" : "to another node";
  const key = (name) => (alone ? name : `crossing_${name}`);
  const waits = [
    { key: key("p50_us"), label: `median, ${say}, ${where}`, unit: "µs", group: "Latency" },
    { key: key("p99_us"), label: `99th percentile, ${say}, ${where}`, unit: "µs", group: "Latency" },
  ];
  return {
    name: `${rate ? `rate-${rate}` : "saturated"}${alone ? "-alone" : ""}`,
    count: alone ? 1 : 2,
    load: ({ seconds, window, smoke }) => [
      ...["play", "--rooms", smoke ? 3 : 200, "--members", 4, "--seconds", seconds],
      ...(rate ? ["--rate", rate] : ["--window", window]),
      ...(smoke ? ["--warmup", 0.2] : []),
    ],
    rows: [...(alone ? [] : rows), ...(latency ? waits : [])],
  };
}

/** Rooms of four that fill. */
const joins = (alone) => ({
  name: alone ? "joins-alone" : "joins",
  count: alone ? 1 : 2,
  only: [downbeat.name],
  load: ({ seconds, smoke }) => ["joins", "--rate", smoke ? 100 : 2000, "--seconds", seconds],
  rows: [
    { key: "p50_us", label: `median, ${alone ? "one node alone" : "two nodes"}`, unit: "µs", group: "2,000 joins a second" },
    { key: "p99_us", label: `99th percentile, ${alone ? "one node alone" : "two nodes"}`, unit: "µs", group: "2,000 joins a second" },
  ],
});

const five = { rate: 5, say: "5 events/s each", latency: true };
const twenty = { rate: 20, say: "20 events/s each", latency: true };

export const scenarios = [
  bands({ say: "saturated" }),
  bands(five),
  bands({ ...five, alone: true }),
  bands(twenty),
  bands({ ...twenty, alone: true }),
  joins(false),
  joins(true),
];

const adapters = servers.filter(({ kind }) => kind === "peer").map(({ name }) => name);
/** A stream keeps 10,000 entries: nodes that fall behind by more lose what they have not read. */
export const mayLose = ["streams-adapter"];

const toAdapter = (scenario, key, limit) => ({ scenario, key, limit, against: "the best adapter", servers: adapters });

export const targets = [
  toAdapter("saturated", "crossing_cpu_us", 0.4),
  toAdapter("saturated", "crossing_redis_us", 0.4),
  toAdapter("rate-20", "crossing_redis_us", 1.1),
  {
    ...{ scenario: "rate-5", key: "crossing_p50_us", limit: 300, isDifference: true },
    ...{ against: "one node alone", servers: [downbeat.name], from: { scenario: "rate-5-alone", key: "p50_us" } },
  },
  { scenario: "joins", key: "p99_us", limit: 10_000, unit: "µs" },
];

/** One measurement: a Redis, the nodes, and the load on all of them. */
export async function measure(server, scenario, options) {
  const { serverCore, loadCore } = options;
  const folder = mkdtempSync(join(tmpdir(), "downbeat-bench-"));
  const running = [];
  try {
    const redisPort = await freePort();
    const redisServer = { name: "Redis", ready: "Ready to accept connections", environment: { PATH: `${process.env.PATH}:/usr/sbin` } };
    const redis = await start(
      redisServer,
      ["redis-server", "--port", `${redisPort}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
      serverCore,
    );
    running.push(redis);
    const about = { redis: `redis://127.0.0.1:${redisPort}`, count: scenario.count };
    const ports = [];
    for (let i = 0; i < scenario.count; ++i) ports.push(await freePort());
    // All at once: the adapters' nodes wait for each other.
    const begun = await Promise.allSettled(
      ports.map((port, i) => start(server, server.nodeCommand(port, { ...about, name: "abc"[i] }), serverCore)),
    );
    for (const { value } of begun) if (value) running.push(value);
    for (const { reason } of begun) if (reason) throw reason;
    const pids = running.slice(1).map(({ pid }) => pid);
    const words = scenario.load(options);
    return await play([...words, "--port", ports, "--pid", pids, "--redis-pid", redis.pid], loadCore);
  } finally {
    for (const child of running.reverse()) await stop(child);
    rmSync(folder, { recursive: true, force: true });
  }
}
