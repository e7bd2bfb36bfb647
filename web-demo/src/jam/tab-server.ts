import type { Link, Server } from 'downbeat';
import { engine } from './engine';
import type { Way } from './way';

export type { Link, Server };

/**
 * The server in this tab. Its time is virtual, so that it can be slowed down and stopped. The
 * clients' own timers cannot: a long ping timeout keeps them from giving up meanwhile.
 */
export async function startTabServer(): Promise<Server> {
  // The engine is most of the page's weight, and Live has no need of it.
  const wasm = engine();
  const { createServer } = await import('downbeat');
  return createServer({
    wasm,
    time: 'virtual',
    pingInterval: 10_000,
    pingTimeout: 3_600_000,
    traceLimit: 2 ** 25,
  });
}

export function wayOver(link: Link): Way {
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
