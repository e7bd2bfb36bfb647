import type { Link, Server } from 'downbeat-server';
import { engine } from './engine';
import type { ConnectOptions } from './connect-options';

export type { Link, Server };

/**
 * Starts the server in this tab. Its time is virtual, so that it can be slowed down and stopped.
 * The clients' own timers are not: a long ping timeout keeps them from disconnecting meanwhile.
 */
export async function startTabServer(): Promise<Server> {
  // Loaded only now: the engine is most of the page's size, and Live does not need it.
  const wasm = engine();
  const { createServer } = await import('downbeat-server');
  return createServer({
    wasm,
    time: 'virtual',
    pingInterval: 10_000,
    pingTimeout: 3_600_000,
    traceLimit: 2 ** 16, // the page keeps the lines itself
  });
}

export function optionsForLink(link: Link): ConnectOptions {
  return {
    url: 'http://localhost',
    options: {
      transports: [link.transport as never],
      forceNew: true,
      reconnectionDelay: 400,
      reconnectionDelayMax: 1200,
    },
  };
}
