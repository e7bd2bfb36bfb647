// Facts: what the server is told, in the lines of a trace without the time that they begin with.

import { encodeBase64 } from './base64.js';
import type { Frame } from './packet.js';

export const fact = {
  connecting: (transport: number, head: { query: string; address: string; entropy: string }) =>
    `websocket ${transport} ${JSON.stringify({
      query: head.query,
      origin: '',
      contentType: '',
      address: head.address,
      entropy: head.entropy,
    })}`,

  received: (transport: number, frame: Frame) =>
    typeof frame === 'string'
      ? `text ${transport} ${JSON.stringify(wellFormed(frame))}`
      : `binary ${transport} {"base64":"${encodeBase64(frame)}"}`,

  tooLarge: (transport: number) => `too-large ${transport}`,
  closed: (transport: number) => `closed ${transport}`,
  deadline: 'deadline',
  shutdown: 'shutdown',
};

/** The text as it comes off a wire, where half a surrogate pair cannot be written. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
