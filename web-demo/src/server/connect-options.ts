import type { ManagerOptions, SocketOptions } from 'socket.io-client';
import type { SeatStore } from './seat-store';

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
      reconnectionDelayMax: 2000,
      auth: (show) => void seats.auth().then(show),
    },
  };
}
