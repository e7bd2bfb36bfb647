import type { JamSocket } from '../device/device';
import type { MessageLog, WireMessage } from './message-log';
import { toBase64 } from './hex';

const types = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];

interface Packet {
  type: string;
  data?: string | ArrayBuffer;
}

/**
 * Logs the messages of a client's connection: all that a page sees of a server elsewhere. How long
 * they are on their way no client can know: it is taken for half of the last round trip.
 */
export function wiretap(
  socket: JamSocket,
  log: MessageLog,
  lane: number,
  roundTripMs: () => number | undefined,
): void {
  const begin = performance.now();
  const add = (isUp: boolean, kind: WireMessage['kind'], frame: string) => {
    const time = Math.round(performance.now() - begin);
    const roundTrip = kind === 'event' ? undefined : roundTripMs();
    const travel = roundTrip === undefined ? {} : { travelMs: roundTrip / 2 };
    log.add({ time, lane, isUp, kind, frame, line: -1, ...travel });
  };
  const addPacket = (isUp: boolean) => (packet: Packet) => {
    const { data = '' } = packet;
    if (typeof data === 'string') add(isUp, 'text', `${types.indexOf(packet.type)}${data}`);
    else add(isUp, 'binary', toBase64(new Uint8Array(data)));
  };
  const attach = () => {
    // Each attempt to connect makes a new engine.
    const { engine } = socket.io;
    engine.on('packet', addPacket(false) as never);
    engine.on('packetCreate', addPacket(true) as never);
    engine.on('open', () => add(true, 'event', `transport: ${engine.transport.name}`));
    engine.on('upgrade', ({ name }) => add(true, 'event', `transport: ${name}`));
    engine.on('close', (reason) => add(false, 'event', `connection closed: ${reason}`));
  };
  attach();
  socket.io.on('reconnect_attempt', () => queueMicrotask(attach));
}
