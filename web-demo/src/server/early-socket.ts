import { WebSocket as WebSocketTransport } from 'socket.io-client';

/** What `invitation.js` has done before the page's scripts were there. */
export interface EarlyInvitation {
  socket: WebSocket;
  /** What the server has said since then. */
  heard: MessageEvent[];
  tapped: HTMLButtonElement[];
  stopListening: () => void;
}

export function earlyInvitation(): EarlyInvitation | undefined {
  return (globalThis as { earlyInvitation?: EarlyInvitation }).earlyInvitation;
}

let isTaken = false;

/** The transport of the stock client, but that it first takes over the early connection, if there is one. */
export class EarlyWebSocket extends WebSocketTransport {
  override createSocket(...how: Parameters<WebSocketTransport['createSocket']>): unknown {
    const early = earlyInvitation();
    if (!early || isTaken) return super.createSocket(...how);
    isTaken = true;
    const { socket, heard } = early;
    if (socket.readyState > WebSocket.OPEN) return super.createSocket(...how);
    // The client listens as soon as it has the socket.
    queueMicrotask(() => {
      if (socket.readyState === WebSocket.OPEN) socket.onopen?.(new Event('open'));
      for (const event of heard) socket.onmessage?.(event);
    });
    return socket;
  }
}
