import type { JamSocket } from '../jam/device';
import type { Feed, WireMessage } from './feed';

const types = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];

interface Packet {
  type: string;
  data?: string | ArrayBuffer;
}

/** Listens to a client's own wire: all that a page sees of a server across a network. */
export function tap(socket: JamSocket, feed: Feed, lane: number): void {
  const begin = performance.now();
  const add = (isUp: boolean, kind: WireMessage['kind'], frame: string) =>
    feed.add({ time: Math.round(performance.now() - begin), lane, isUp, kind, frame, line: -1 });
  const tell = (isUp: boolean) => (packet: Packet) => {
    const { data = '' } = packet;
    if (typeof data === 'string') add(isUp, 'text', `${types.indexOf(packet.type)}${data}`);
    else add(isUp, 'binary', btoa(String.fromCharCode(...new Uint8Array(data))));
  };
  const attach = () => {
    // Each attempt has an engine of its own.
    const { engine } = socket.io;
    engine.on('packet', tell(false) as never);
    engine.on('packetCreate', tell(true) as never);
    engine.on('open', () => add(true, 'event', `carried by ${engine.transport.name}`));
    engine.on('upgrade', ({ name }) => add(true, 'event', `carried by ${name}`));
    engine.on('close', (reason) => add(false, 'event', `connection is gone: ${reason}`));
  };
  attach();
  socket.io.on('reconnect_attempt', () => queueMicrotask(attach));
}
