// What a frame says: an Engine.IO packet, in it a Socket.IO packet, in it an event.

export interface Decoded {
  engine: string;
  socket?: string;
  namespace?: string;
  ackId?: number;
  event?: string;
  payload?: unknown;
}

const engineTypes = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];
const socketTypes = [
  'CONNECT',
  'DISCONNECT',
  'EVENT',
  'ACK',
  'CONNECT_ERROR',
  'BINARY_EVENT',
  'BINARY_ACK',
];

export function decode(frame: string): Decoded {
  const engine = engineTypes[Number(frame[0])];
  if (engine === undefined) return { engine: 'unknown' };
  const rest = frame.slice(1);
  if (engine !== 'message') return { engine, payload: parse(rest) };
  return { engine, ...decodeSocketPacket(rest) };
}

/** `5` attachments`-` `/namespace,` ack id, JSON: all but the first may be missing. */
function decodeSocketPacket(text: string): Partial<Decoded> {
  const found = /^(\d)(?:\d+-)?(?:(\/[^,]*),)?(\d+)?([\s\S]*)$/.exec(text);
  const socket = socketTypes[Number(found?.[1])];
  if (!found || socket === undefined) return {};
  const payload = parse(found[4]!);
  const decoded: Partial<Decoded> = { socket, namespace: found[2] ?? '/', payload };
  if (found[3]) decoded.ackId = Number(found[3]);
  if (socket.endsWith('EVENT') && Array.isArray(payload)) {
    decoded.event = String(payload[0]);
    decoded.payload = payload[1];
  } else if (socket.endsWith('ACK') && Array.isArray(payload)) {
    decoded.payload = payload[0];
  }
  return decoded;
}

function parse(json: string): unknown {
  if (json === '') return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** In one line. */
export function summarize({ engine, socket, event, ackId, payload }: Decoded): string {
  if (socket === undefined) return engine === 'open' ? 'open: handshake' : engine;
  if (event !== undefined) return `${event} ${brief(withoutSender(payload))}`;
  if (socket.endsWith('ACK')) {
    const { ok } = (payload ?? {}) as { ok?: boolean };
    return `ack ${ackId ?? ''}${ok === undefined ? '' : ok ? ' ok' : ' failed'}`;
  }
  return socket.toLowerCase().replace('_', ' ');
}

/** Who sent it is an id that says little; the chart shows on which line it came. */
function withoutSender(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('type' in payload)) return payload;
  const { type, data } = payload as { type: unknown; data?: unknown };
  return { type, data };
}

function brief(payload: unknown): string {
  const values = Object.values((payload ?? {}) as object)
    .filter((value) => value !== undefined)
    .map((value) => {
      if (Array.isArray(value)) return `${value.length} here`;
      if (typeof value === 'object' && value !== null) return brief(value);
      return typeof value === 'string' && value.length > 14
        ? `${value.slice(0, 6)}…`
        : String(value);
    });
  return values.join(' · ');
}
