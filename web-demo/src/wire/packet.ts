// Decodes a frame: an Engine.IO packet, in it a Socket.IO packet, in it an event.

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
  if (event !== undefined) return `${event.slice(0, 64)} ${brief(withoutSender(payload))}`;
  if (socket === 'CONNECT') return `connect${shownIn(payload)}`;
  if (socket.endsWith('ACK')) {
    const { ok } = (payload ?? {}) as { ok?: boolean };
    return `ack ${ackId ?? ''}${ok === undefined ? '' : ok ? ' ok' : ' failed'}`;
  }
  return socket.toLowerCase().replace('_', ' ');
}

/** By what a client wants its seat again, and that the server keeps seats. */
function shownIn(payload: unknown): string {
  const shown = (payload ?? {}) as Record<string, unknown>;
  const names = { pid: 'pid', resumeToken: 'resume token', offset: 'offset' };
  const found = Object.entries(names).filter(([name]) => typeof shown[name] === 'string');
  return found.length > 0 ? ` with ${found.map(([, words]) => words).join(', ')}` : '';
}

/** The sender's id is left out, as it means little to a reader; the chart shows the line. */
function withoutSender(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('type' in payload)) return payload;
  const { type, data } = payload as { type: unknown; data?: unknown };
  return { type, data };
}

/** As many values as fit into one line: another client may have sent thousands. */
const mostValues = 8;

function brief(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return briefValue(payload);
  return Object.entries(payload)
    .slice(0, mostValues)
    .filter(([name, value]) => value !== undefined && name !== 'resumeToken')
    .map(([name, value]) => briefMember(name, value))
    .join(' · ')
    .slice(0, 100);
}

/** What is true is said by its name, and those who are away are not here. */
function briefMember(name: string, value: unknown): string {
  if (value === true) return name.slice(0, 14);
  if (name === 'away' && Array.isArray(value)) return `${value.length} away`;
  return briefValue(value);
}

function briefValue(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return `${value.length} here`;
  if (typeof value === 'object' && value !== null) return brief(value);
  const text = String(value);
  return text.length > 14 ? `${text.slice(0, 6)}…` : text;
}
