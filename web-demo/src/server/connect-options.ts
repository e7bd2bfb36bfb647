import { type ManagerOptions, type Socket, type SocketOptions, XHR } from 'socket.io-client';
import { EarlyWebSocket } from './early-socket';
import type { SeatStore } from './seat-store';

/** For the first attempt, and for all others, as the stock client has it. */
const patienceMs = 5000;
const defaultTimeoutMs = 20_000;

/** What a client needs to connect: all that differs between the two kinds of servers. */
export interface ConnectOptions {
  url: string;
  options: Partial<ManagerOptions & SocketOptions>;
}

/** For the server that served the page. */
export function optionsForOrigin(seats: SeatStore): ConnectOptions {
  return {
    url: location.origin,
    options: {
      forceNew: true,
      // The first answer of a WebSocket comes a round trip earlier than that of HTTP.
      transports: [EarlyWebSocket, XHR] as never,
      tryAllTransports: true,
      timeout: patienceMs,
      reconnectionDelayMax: 2000,
      auth: (show) => void seats.auth().then(show),
    },
  };
}

/** A network may swallow WebSockets without a word: after a failure the client begins with HTTP. */
export function beginWithHttpAfterFailure(socket: Socket): void {
  const { io: manager } = socket;
  socket.once('connect_error', () => {
    manager.opts.transports = ['polling', 'websocket'];
    manager.timeout(defaultTimeoutMs);
  });
}
