// Clients that say everything in one write, without waiting for an answer.
import { dial } from './tls.mjs';

// A mask of zeros leaves the text as it is.
function frameOf(text) {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

/** The bytes of a WebSocket handshake and of these messages. */
export function bytesOf(...messages) {
  const head = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    'Host: a',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...messages.map(frameOf)]);
}

/**
 * Opens a connection, and sends its handshake and all messages in one write. `until(text)` resolves when this has
 * come in return, `ended` when the TCP connection has ended, as
 * `hasEnded` says.
 */
export function pipelined(server, ...messages) {
  const socket = dial(server, () => socket.write(bytesOf(...messages)));
  const waiting = [];
  const client = {
    socket,
    said: '',
    hasEnded: false,
    ended: new Promise((resolve) => socket.on('close', resolve)),
    until: (text) =>
      new Promise((resolve) => {
        if (client.said.includes(text)) resolve();
        else waiting.push({ text, resolve });
      }),
    send: (...more) => socket.write(Buffer.concat(more.map(frameOf))),
    /** Ends the TCP connection without a word. */
    close: () => socket.destroy(),
    story: () => `a pipelined client got:\n${client.said.replaceAll(/[^ -~]+/g, '\n  ')}\n`,
  };
  socket.on('error', () => {}).on('close', () => (client.hasEnded = true));
  socket.setEncoding('latin1').on('data', (text) => {
    client.said += text;
    for (const one of waiting) if (client.said.includes(one.text)) one.resolve();
  });
  return client;
}
