// Socket.IO on Node, several processes on one Redis, by one of the adapters for that:
//
//   node nodes.mjs PORT redis-adapter|streams-adapter REDIS-URL NODES
//
// The same jam session as in jam.mjs, with a manual's means for several processes: members are known
// by the data of their sockets. It listens once it knows of all nodes.

import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import { createAdapter as redisAdapter } from "@socket.io/redis-adapter";
import { createAdapter as streamsAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { options, ready, words } from "./jam.mjs";

const [, , port, kind, url, nodes] = process.argv;

async function connected(client) {
  client.on("error", (error) => {
    console.error(`${kind}: ${error.message}`);
    process.exit(1);
  });
  await client.connect();
  return client;
}

const client = await connected(createClient({ url }));
const adapter = kind === "streams-adapter" ? streamsAdapter(client) : redisAdapter(client, await connected(client.duplicate()));

/** @param {import("socket.io").Server} io */
function serveJam(io) {
  /** The members of a room at all nodes, in the order of joining. */
  const membersOf = async (roomCode) =>
    (await io.in(roomCode).fetchSockets()).map(({ data }) => data).sort((a, b) => a.joinedAt - b.joinedAt);

  io.on("connection", (socket) => {
    let roomCode;

    const enter = (code, { name, instrument = "unknown" }) => {
      roomCode = code;
      socket.data.user = { id: socket.id, name, instrument };
      socket.data.joinedAt = Date.now();
      socket.join(code);
    };

    const leave = () => {
      if (!roomCode) return;
      socket.leave(roomCode);
      io.to(roomCode).emit("session:user-left", { userId: socket.id });
      roomCode = undefined;
    };

    const fail = (message, code, event) => socket.emit("error", { message, code, event });

    socket.on("session:create", (request) => {
      if (typeof request?.name !== "string") {
        return fail("name must be a string", "invalid_payload", "session:create");
      }
      leave();
      enter(`${words[randomInt(words.length)]}-${randomInt(2 ** 40)}`, request);
      socket.emit("session:created", { roomCode, userId: socket.id });
    });

    socket.on("session:join", async (request) => {
      const members = await membersOf(request?.roomCode);
      if (members.length === 0) return fail("Session not found", "session_not_found", "session:join");
      leave();
      enter(request.roomCode, request);
      socket.to(roomCode).emit("session:user-joined", { user: socket.data.user });
      socket.emit("session:joined", {
        roomCode,
        participants: [...members, socket.data].map(({ user }) => user),
        userId: socket.id,
        hostId: members[0].user.id,
      });
    });

    socket.on("session:leave", () => {
      if (!roomCode) return fail("You are in no session", "not_in_session", "session:leave");
      leave();
    });

    socket.on("session:event", (event) => {
      if (!roomCode) return fail("You are in no session", "not_in_session", "session:event");
      if (typeof event?.type !== "string") {
        return fail("type must be a string", "invalid_payload", "session:event");
      }
      socket.to(roomCode).emit("session:event", {
        userId: socket.id,
        type: event.type,
        data: event.data,
      });
    });

    socket.on("disconnect", leave);
  });
}

const http = createServer();
const io = new Server(http, { ...options, adapter });
serveJam(io);
while ((await io.of("/").adapter.serverCount()) < Number(nodes)) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
http.listen(Number(port), "127.0.0.1", () => ready(`socket.io with the ${kind}`, port, globalThis.gc));
