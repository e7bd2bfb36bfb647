// Stock clients behind a proxy.
import http from 'node:http';

import { connect } from '../../e2e/support/client.mjs';

/** What a server behind a proxy of this machine is started with. */
export const trusting = ['--trusted-proxy', '127.0.0.1'];

/**
 * For a browser at this address of the loopback, where jam.example is a name of this machine. Not
 * with keepAlive: where HAProxy closes a connection so that the browser asks again, Node's stand-in
 * for XMLHttpRequest asks again without ever ending its request.
 */
function agentAt(address) {
  return new http.Agent({
    localAddress: address,
    lookup: (_, options, done) =>
      options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
  });
}

/**
 * Runs a body that opens things: `open(promise)` for each. In the end all are closed, the clients
 * first: a server that gets SIGTERM waits for open sessions.
 */
export async function cleanly(body) {
  const things = [];
  const open = async (promise) => {
    const thing = await promise;
    things.push(thing);
    return thing;
  };
  try {
    await body(open);
  } finally {
    for (const thing of things) thing.close?.();
    for (const thing of things) await thing.stop?.();
  }
}

/** A stock client in a page of the proxy's own origin. */
export function enter(proxy, way, { address = '127.0.0.1', headers = {}, ...options } = {}) {
  return connect(proxy.url, way, {
    agent: agentAt(address),
    extraHeaders: { Origin: proxy.url, ...headers },
    reconnectionDelay: 50,
    reconnectionDelayMax: 100,
    ...options,
  });
}
