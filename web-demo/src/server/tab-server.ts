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

/** The package is loaded only now: with the engine it is most of the page's size, and Live needs neither. */
const load = () => import('downbeat-server');

export async function makeTabJournal(): Promise<TabJournal> {
  return new TabJournal((await load()).indexedDBJournal);
}

/**
 * Starts the server in this tab. Its time is virtual, so that it can be slowed down and stopped.
 * The clients' own timers are not: a long ping timeout keeps them from disconnecting meanwhile.
 */
export async function startTabServer(journal: TabJournal): Promise<Server> {
  const wasm = engine();
  const { createServer } = await load();
  return createServer({
    wasm,
    journal,
    time: 'virtual',
    pingInterval: 10_000,
    pingTimeout: 3_600_000,
    traceLimit: 2 ** 16, // the page keeps the lines itself
  });
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
