import type { Link, Server } from 'downbeat-server';
import { engine } from './engine';
import type { ConnectOptions } from './connect-options';
import type { TabSeat } from './tab-seat';
import { TabJournal } from './tab-journal';

export type { Link, Server };

export interface TabServer {
  server: Server;
  journal: TabJournal;
}

/**
 * Starts the server in this tab. Its time is virtual, so that it can be slowed down and stopped.
 * The clients' own timers are not: a long ping timeout keeps them from disconnecting meanwhile.
 */
export async function startTabServer(): Promise<TabServer> {
  // Loaded only now: the engine is most of the page's size, and Live does not need it.
  const wasm = engine();
  const { createServer, indexedDBJournal } = await import('downbeat-server');
  const journal = new TabJournal(indexedDBJournal);
  const server = await createServer({
    wasm,
    journal,
    time: 'virtual',
    pingInterval: 10_000,
    pingTimeout: 3_600_000,
    traceLimit: 2 ** 16, // the page keeps the lines itself
  });
  return { server, journal };
}

export function optionsForLink(link: Link, seat: TabSeat): ConnectOptions {
  return {
    url: 'http://localhost',
    options: {
      transports: [link.transport as never],
      forceNew: true,
      reconnectionDelay: 400,
      reconnectionDelayMax: 1200,
      auth: (show) => show(seat.auth()),
    },
  };
}
