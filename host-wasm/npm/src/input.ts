// Inputs of the server, as the lines of a trace without the time at their beginning.

import { encodeBase64 } from './base64.js';
import type { AppendResult } from './journal.js';
import type { Frame } from './packet.js';
import { wellFormed } from './text.js';

const answers = {
  appended: 'appended',
  failed: 'append-failed',
  unknown: 'append-unknown',
};

export const input = {
  connecting: (transport: number, head: { query: string; address: string; entropy: string }) =>
    `websocket ${transport} ${JSON.stringify({
      query: wellFormed(head.query),
      origin: '',
      contentType: '',
      address: wellFormed(head.address),
      entropy: head.entropy,
    })}`,

  received: (transport: number, frame: Frame) =>
    typeof frame === 'string'
      ? `text ${transport} ${JSON.stringify(wellFormed(frame))}`
      : `binary ${transport} {"base64":"${encodeBase64(frame)}"}`,

  tooLarge: (transport: number) => `too-large ${transport}`,
  closed: (transport: number) => `closed ${transport}`,
  clock: (wallTime: number) => `clock ${wallTime}`,
  query: (id: number, json: string) => `query ${id} ${JSON.stringify(wellFormed(json))}`,
  command: (id: number, json: string) => `command ${id} ${JSON.stringify(wellFormed(json))}`,
  roomRestored: (state: string) => `room-restored ${state}`,
  restoreFinished: 'restore-finished',
  appendAnswered: (id: number, result: AppendResult) =>
    typeof result === 'object'
      ? `append-conflict ${id} ${JSON.stringify(wellFormed(result.conflict))}`
      : `${answers[result]} ${id}`,
  deadline: 'deadline',
  drain: 'drain 0',
  shutdown: 'shutdown',
};
