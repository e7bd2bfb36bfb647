// One measurement: starts a server on one core and the load on another, and ends both.

import { freePort, play, start, stop } from "./processes.mjs";

/** Answers what the load generator printed; `faulty` if messages were lost, doubled, and so on. */
export async function measure(server, scenario, { seconds, window, serverCore, loadCore }) {
  const port = await freePort();
  const child = await start(server, server.command(port), serverCore);
  try {
    const words = scenario.load({ seconds, window, server, pid: child.pid });
    return await play([...words, "--port", port, "--pid", child.pid], loadCore);
  } finally {
    await stop(child);
  }
}
