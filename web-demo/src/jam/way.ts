import type { ManagerOptions, SocketOptions } from 'socket.io-client';

/**
 * A client's way to a server. All that differs between a server in this tab and one across a
 * network is in here.
 */
export interface Way {
  url: string;
  options: Partial<ManagerOptions & SocketOptions>;
}

/** To the server that served the page. */
export function wayToOrigin(): Way {
  return { url: location.origin, options: { forceNew: true, reconnectionDelayMax: 2000 } };
}
