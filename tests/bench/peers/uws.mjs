// Socket.IO on Node, on uWebSockets.js. The original is not on npm; this republished package runs
// on Node 18 and 20 with the C library of Debian 12.

import uws from "@trufflesuite/uws-js-unofficial";
import { Server } from "socket.io";
import { options, ready, serveJam } from "./jam.mjs";

// Without a binary for this platform it falls back to JavaScript, which must not be measured.
if (!/\[native code\]/.test(`${uws.App}`)) throw new Error("no uWebSockets.js for this machine");

const port = Number(process.argv[2]);
const app = uws.App();
const io = new Server(options);
io.attachApp(app);
serveJam(io);
app.listen("127.0.0.1", port, (listening) => {
  if (!listening) throw new Error(`port ${port} is taken`);
  ready("socket.io on uWebSockets.js", port, globalThis.gc);
});
