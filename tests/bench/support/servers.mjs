// The compared servers, and how to start each on a port. The first one is ours.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL("../", import.meta.url));
const bin =
  process.env.BENCH_BIN ??
  fileURLToPath(new URL("../../../build/native-release/bin", import.meta.url));
const downbeat = process.env.DOWNBEAT_BIN ?? `${bin}/downbeat`;

const node = (file) => (port) => ["node", "--expose-gc", `${bench}peers/${file}`, `${port}`];

// "Stock" means what `npm install socket.io` installs. Other peers bring these two modules along,
// and ws would use them.
const stock = { WS_NO_BUFFER_UTIL: "1", WS_NO_UTF_8_VALIDATE: "1" };

// Its npm package has the program for each machine in a separate package.
export const bunPackage = `@oven/bun-linux-${process.arch === "arm64" ? "aarch64" : "x64"}`;
const bun = `${bench}node_modules/${bunPackage}/bin/bun`;

export const servers = [
  {
    name: "downbeat",
    label: "Downbeat",
    kind: "ours",
    command: (port) => [
      ...[downbeat, "serve", "--host", "127.0.0.1", "--port", `${port}`],
      ...["--no-limits", "--log-level", "error"],
      // The others keep no seats either.
      ...["--reconnect-grace", "0"],
    ],
  },
  {
    name: "ws",
    label: "Socket.IO 4.8 on Node, ws",
    kind: "peer",
    command: node("ws.mjs"),
    environment: { NODE_ENV: "production", ...stock },
    collectsGarbage: true,
  },
  {
    name: "uws",
    label: "Socket.IO on uWebSockets.js",
    kind: "peer",
    command: node("uws.mjs"),
    environment: { NODE_ENV: "production", ...stock },
    collectsGarbage: true,
  },
  {
    name: "bun",
    label: "Socket.IO on Bun's engine",
    kind: "peer",
    command: (port) => [bun, `${bench}peers/bun.mjs`, `${port}`],
    environment: { NODE_ENV: "production" },
    collectsGarbage: true,
  },
  {
    name: "relay-each",
    label: "bare relay, a send a delivery",
    kind: "floor",
    command: (port) => [`${bin}/bench-relay`, "--port", `${port}`, "--mode", "each"],
  },
  {
    name: "relay-batch",
    label: "bare relay, a send a turn",
    kind: "floor",
    command: (port) => [`${bin}/bench-relay`, "--port", `${port}`, "--mode", "batch"],
  },
];

export const load = `${bin}/bench-load`;
export const micro = {
  native: `${bin}/bench-micro`,
  wasm: `${process.env.BENCH_WASM ?? ""}/bench-micro.cjs`,
};

/** What is missing of a server, if anything. */
export function missingOf(server) {
  const [program] = server.command(0);
  return program.startsWith("/") && !existsSync(program) ? program : undefined;
}
