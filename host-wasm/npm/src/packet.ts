// Engine.IO packets as the client has them, and the frames that they cross the wire in.

import { decodeBase64, encodeBase64 } from './base64.js';

export interface Packet {
  type: string;
  data?: unknown;
}

/** A text or a binary message. Binary ones own their bytes. */
export type Frame = string | Uint8Array<ArrayBuffer>;

export type BinaryType = 'arraybuffer' | 'blob' | 'nodebuffer';

const types = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];

/** The frame of a packet. That of a blob comes later. */
export function encodePacket(
  { type, data }: Packet,
  isBinaryAsText: boolean,
): Frame | Promise<Frame> {
  const finish = (bytes: Uint8Array<ArrayBuffer>) =>
    isBinaryAsText ? `b${encodeBase64(bytes)}` : bytes;
  if (ArrayBuffer.isView(data)) {
    return finish(new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice());
  }
  if (isArrayBuffer(data)) return finish(new Uint8Array(data).slice());
  if (typeof Blob === 'function' && data instanceof Blob) {
    return data.arrayBuffer().then((bytes) => finish(new Uint8Array(bytes)));
  }
  return `${types.indexOf(type)}${data || ''}`;
}

/** The packet in a frame, with binary data of the kind that the client wants. */
export function decodePacket(frame: Frame, binaryType: BinaryType): Packet {
  if (typeof frame !== 'string') return { type: 'message', data: binaryAs(frame, binaryType) };
  if (frame.startsWith('b')) return decodePacket(decodeBase64(frame.slice(1)), binaryType);
  const type = types[frame.charCodeAt(0) - '0'.charCodeAt(0)];
  if (type === undefined) return { type: 'error', data: 'parser error' };
  return frame.length > 1 ? { type, data: frame.slice(1) } : { type };
}

function binaryAs(bytes: Uint8Array<ArrayBuffer>, binaryType: BinaryType): unknown {
  if (binaryType === 'blob') return new Blob([bytes]);
  const { Buffer } = globalThis as { Buffer?: { from(bytes: ArrayBuffer): unknown } };
  return binaryType === 'nodebuffer' && Buffer ? Buffer.from(bytes.buffer) : bytes.buffer;
}

/** Of any window or realm. */
function isArrayBuffer(data: unknown): data is ArrayBuffer {
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]';
}
