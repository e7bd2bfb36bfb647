// Socket.IO on Bun, with Bun's own engine.

import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { ready, serveJam } from "./jam.mjs";

const port = Number(process.argv[2]);
const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
serveJam(io);
const { fetch, websocket } = engine.handler();
Bun.serve({ port, hostname: "127.0.0.1", fetch, websocket, idleTimeout: 30 });
ready("socket.io on Bun", port, () => Bun.gc(true));
