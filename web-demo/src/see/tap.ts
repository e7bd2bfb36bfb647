import type { JamSocket } from '../jam/device';
import type { Feed } from './feed';

const types = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];

interface Packet {
  type: string;
  data?: string | ArrayBuffer;
}

/** Listens to a client's own wire: all that a page sees of a server across a network. */
export function tap(socket: JamSocket, feed: Feed, lane: number): void {
  const begin = performance.now();
  const tell = (isUp: boolean) => (packet: Packet) => {
    const isText = typeof packet.data !== 'object';
    feed.add({
      time: Math.round(performance.now() - begin),
      lane,
      isUp,
      kind: isText ? 'text' : 'binary',
      frame: isText
        ? `${types.indexOf(packet.type)}${packet.data ?? ''}`
        : btoa(String.fromCharCode(...new Uint8Array(packet.data as ArrayBuffer))),
      line: -1,
    });
  };
  const attach = () => {
    // Each attempt has an engine of its own.
    const { engine } = socket.io;
    engine.on('packet', tell(false) as never);
    engine.on('packetCreate', tell(true) as never);
  };
  attach();
  socket.io.on('reconnect_attempt', () => queueMicrotask(attach));
}
