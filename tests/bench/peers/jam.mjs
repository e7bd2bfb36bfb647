// The events of a jam session on Socket.IO's own API, the same for every peer: simple code that
// follows its manual, without logging, and with the least validation that an honest server needs.

import { randomInt } from "node:crypto";

export const words = ["ALTO", "BASS", "BEAT", "CHORD", "CODA", "DUET", "FORTE", "FUGUE", "MUSIC", "TEMPO"];

/** @param {import("socket.io").Server} io */
export function serveJam(io) {
  const rooms = new Map(); // code -> Map of id -> participant, in order of joining

  const drawCode = () => {
    for (;;) {
      const code = `${words[randomInt(words.length)]}-${randomInt(100_000)}`;
      if (!rooms.has(code)) return code;
    }
  };

  io.on("connection", (socket) => {
    let roomCode;

    const participant = ({ name, instrument = "unknown" }) => ({ id: socket.id, name, instrument });

    const leave = () => {
      const members = rooms.get(roomCode);
      if (!members) return;
      const wasHost = members.keys().next().value === socket.id;
      members.delete(socket.id);
      socket.leave(roomCode);
      if (members.size === 0) {
        rooms.delete(roomCode);
      } else {
        io.to(roomCode).emit("session:user-left", { userId: socket.id });
        if (wasHost) {
          io.to(roomCode).emit("session:host-changed", { hostId: members.keys().next().value });
        }
      }
      roomCode = undefined;
    };

    const fail = (message, code, event) => socket.emit("error", { message, code, event });

    socket.on("session:create", (request) => {
      if (typeof request?.name !== "string") {
        return fail("name must be a string", "invalid_payload", "session:create");
      }
      leave();
      roomCode = drawCode();
      rooms.set(roomCode, new Map([[socket.id, participant(request)]]));
      socket.join(roomCode);
      socket.emit("session:created", { roomCode, userId: socket.id });
    });

    socket.on("session:join", (request) => {
      const members = rooms.get(request?.roomCode);
      if (!members) return fail("Session not found", "session_not_found", "session:join");
      leave();
      roomCode = request.roomCode;
      const user = participant(request);
      members.set(socket.id, user);
      socket.to(roomCode).emit("session:user-joined", { user });
      socket.join(roomCode);
      socket.emit("session:joined", {
        roomCode,
        participants: [...members.values()],
        userId: socket.id,
        hostId: members.keys().next().value,
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

/** The options of every peer: no transport but WebSocket, no compression, Socket.IO's defaults else. */
export const options = { transports: ["websocket"], perMessageDeflate: false, serveClient: false };

/** Says that it listens, and collects garbage when asked to, before its memory is measured. */
export function ready(name, port, collectGarbage) {
  process.on("SIGUSR2", () => collectGarbage?.());
  console.log(`${name} listening on http://127.0.0.1:${port}`);
}
