// Outputs of the server, read from the lines of a trace.

import { decodeBase64 } from './base64.js';
import type { Append } from './journal.js';
import type { Frame } from './packet.js';

/** What the host does for each kind of output. */
export interface OutputHandlers {
  accept(transport: number): void;
  refuse(transport: number, status: number, body: string): void;
  send(transport: number, frame: Frame): void;
  close(transport: number, code: number): void;
  wait(deadline: number | undefined): void;
  answer(id: number, json: string): void;
  append(id: number, what: Append): void;
}

const eventsMember = ',"events":';

/** Calls the handler of the output in a line such as `1500 < send 3 "40"`. */
export function dispatchOutput(line: string, handlers: OutputHandlers): void {
  const [kind, number, rest] = split(line.slice(line.indexOf('<') + 2));
  switch (kind) {
    case 'send':
      return handlers.send(Number(number), JSON.parse(rest));
    case 'send-binary':
      return handlers.send(Number(number), decodeBase64(JSON.parse(rest)));
    case 'wait':
      return handlers.wait(number === '' ? undefined : Number(number));
    case 'append':
      return handlers.append(Number(number), readAppend(rest));
    case 'accept':
      return handlers.accept(Number(number));
    case 'close':
      return handlers.close(Number(number), Number(rest));
    case 'answer':
      return handlers.answer(Number(number), rest);
    case 'refuse': {
      const [status] = rest.split(' ', 1) as [string];
      return handlers.refuse(
        Number(number),
        Number(status),
        JSON.parse(rest.slice(status.length + 1)),
      );
    }
    default: // reports are for the trace alone, and nobody polls here
  }
}

/** The trace does not say how long the log is afterwards: that follows from the events. */
function readAppend(json: string): Append {
  const { room, expectedHead, events } = JSON.parse(json);
  const hasEnded = events.at(-1).type === 'closed';
  const newHead = hasEnded ? 0 : expectedHead + events.length;
  // As they are written, because the server reads no other spelling of them.
  const text = json.slice(json.indexOf(eventsMember) + eventsMember.length, -1);
  return { room, expectedHead, events: text, newHead };
}

/** The first two words, and the rest. */
function split(text: string): [string, string, string] {
  const first = text.indexOf(' ');
  if (first < 0) return [text, '', ''];
  const second = text.indexOf(' ', first + 1);
  if (second < 0) return [text.slice(0, first), text.slice(first + 1), ''];
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}
