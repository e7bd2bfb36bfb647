// Members of sessions, as connections without a client library, and the server that they are at.

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { bytesOf } from "../../e2e/support/pipelined.mjs";

const atOnce = 64;
const patience = 60_000;

/** So many connections, or as many as files may be open beside those for something else. */
export function mostConnections(wanted, others) {
  const files = Number(readFileSync("/proc/self/limits", "utf8").match(/Max open files\s+(\d+)/)[1]);
  const count = Math.min(wanted, files - others - 200);
  if (count < wanted) console.error(`Only ${count} connections: ${files} files may be open.`);
  return count;
}

/** The server in a process of this number. */
export function serverOf(pid, port) {
  const status = (name) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(`${name}:\\s+(\\d+)`)[1]);
  return {
    port,
    pid,
    /** Resident memory in bytes. */
    memory: () => status("VmRSS") * 1024,
    /** Seconds of CPU time so far, the kernel's included. */
    cpu: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    metric: async (name) => {
      const body = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(body.match(new RegExp(`^${name} (\\d+)$`, "m"))[1]);
    },
    stop: () => process.kill(pid, "SIGKILL"),
  };
}

let dialled = 0;

/** Opens a connection with these messages; resolves with what came when it has this text. */
export function say(server, text, ...messages) {
  return new Promise((resolve, reject) => {
    // Several addresses of the loopback have more ports than one.
    const localAddress = `127.0.0.${2 + (++dialled % 8)}`;
    const socket = connect({ port: server.port, host: "127.0.0.1", localAddress }, () =>
      socket.write(bytesOf(...messages)),
    );
    let said = "";
    socket.setEncoding("latin1");
    const listen = (more) => {
      said += more;
      if (!said.includes(text)) return;
      socket.off("data", listen);
      socket.resume();
      resolve({ socket, said });
    };
    socket.on("data", listen);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after: ${said.slice(-200)}`)));
  });
}

/** Waits until the server says this number of something. */
export async function until(server, name, count) {
  const end = Date.now() + patience;
  while ((await server.metric(name)) !== count) {
    if (Date.now() > end) throw new Error(`${name} is ${await server.metric(name)}, and not ${count}`);
    await sleep(20);
  }
}

/** So many members, in rooms of this size. */
export async function crowd(server, count, roomSize = 4) {
  const all = [];
  let begun = 0;
  const enter = async (what) => {
    const { socket, said } = await say(server, "userId", "40", `42${JSON.stringify(what)}`);
    all.push({ socket, pid: said.match(/"pid":"([^"]+)"/)[1] });
    return said.match(/"roomCode":"([^"]+)"/)[1];
  };
  const fill = async () => {
    while (begun < count) {
      const size = Math.min(roomSize, count - begun);
      begun += size;
      const roomCode = await enter(["session:create", { name: "A" }]);
      for (let i = 1; i < size; ++i) await enter(["session:join", { roomCode, name: "B" }]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, fill));
  return all;
}

export function cut(all) {
  for (const { socket } of all) {
    socket.removeAllListeners("close");
    socket.destroy();
  }
}

/** Numbers between 0 and 1, the same for each seed. */
export function* randoms(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}
