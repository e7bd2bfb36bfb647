// Socket.IO on Node, with its default WebSocket engine: ws.

import { createServer } from "node:http";
import { Server } from "socket.io";
import { options, ready, serveJam } from "./jam.mjs";

const port = Number(process.argv[2]);
const http = createServer();
serveJam(new Server(http, options));
http.listen(port, "127.0.0.1", () => ready("socket.io on ws", port, globalThis.gc));
