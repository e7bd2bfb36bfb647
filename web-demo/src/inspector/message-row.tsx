import { sizeOfBase64 } from '../wire/hex';
import type { WireMessage } from '../wire/message-log';
import { decode, summarize } from '../wire/packet';
import { placeOf } from './lanes';
import { rowHeight, strokesOf } from './slope';

interface MessageRowProps {
  /** One, or those of a note, the first of which stands for all. */
  messages: readonly WireMessage[];
  lanes: string[];
  isSelected: boolean;
  /** Whether the messages of a note are listed below. */
  isOpen: boolean | undefined;
  onSelect: () => void;
}

/** A row of the chart: when, from where to where, and what. */
export function MessageRow({ messages, lanes, isSelected, isOpen, onSelect }: MessageRowProps) {
  const message = messages[0]!;
  const { isUp, kind, time } = message;
  // Of a note the beginning is drawn; its end has gone the same way.
  const drawn = messages.filter((each) => each.time === time);
  const server = placeOf(-1, lanes.length);
  return (
    <button
      type="button"
      class={`row ${isUp ? 'up' : 'down'} ${kind}`}
      aria-pressed={isSelected}
      aria-expanded={isOpen}
      onClick={onSelect}
    >
      <span class="when">{(time / 1000).toFixed(3)}</span>
      <span class="visually-hidden">
        {isUp ? `${lanes[message.lane]} to the server` : `the server to ${lanes[message.lane]}`}
      </span>
      <svg class="arrow" aria-hidden="true">
        {[-1, ...lanes.keys()].map((lane) => (
          <line
            key={lane}
            class="life"
            x1={placeOf(lane, lanes.length)}
            x2={placeOf(lane, lanes.length)}
            y1="0"
            y2={rowHeight}
          />
        ))}
        {strokesOf(drawn).map((stroke, at) => {
          const device = placeOf(stroke.lane, lanes.length);
          const [from, to] = stroke.isUp ? [device, server] : [server, device];
          return (
            <g key={at} class={stroke.isUp ? 'to-server' : 'to-client'}>
              <line class="message" x1={from} x2={to} y1={stroke.from} y2={stroke.to} />
              <circle class="head" cx={to} cy={stroke.to} r="3.5" />
            </g>
          );
        })}
      </svg>
      <Label text={labelOf(message)} />
      <span class="took">{tookOf(drawn)}</span>
      {messages.length > 1 && (
        <span class="many" title={`${messages.length} messages`}>
          {messages.length}
          <span class="visually-hidden"> messages</span>
        </span>
      )}
    </button>
  );
}

/** All events of a jam begin with the same word, which is left out where there is no room. */
function Label({ text }: { text: string }) {
  const common = text.startsWith('session:') ? 'session:' : '';
  return (
    <span class="label">
      {common && <span class="common">{common}</span>}
      {text.slice(common.length)}
    </span>
  );
}

/** How long it took, to the server and from there to the last client. */
function tookOf(messages: readonly WireMessage[]): string {
  const up = messages.filter(({ isUp }) => isUp).map(({ travelMs }) => travelMs);
  const down = messages.filter(({ isUp }) => !isUp).map(({ travelMs }) => travelMs);
  const known = [...up, ...down].filter((ms) => ms !== undefined);
  if (known.length === 0 || known.length < messages.length) return '';
  const most = (all: (number | undefined)[]) => Math.max(0, ...all.map((ms) => ms ?? 0));
  return `${most(up) + most(down)} ms`;
}

const labels = new WeakMap<WireMessage, string>();

/** Computed once: messages are drawn many times, and one may be large. */
function labelOf(message: WireMessage): string {
  let label = labels.get(message);
  if (label === undefined) labels.set(message, (label = readLabel(message)));
  return label;
}

function readLabel({ kind, frame }: WireMessage): string {
  if (kind === 'event') return frame;
  if (kind === 'binary') return `binary, ${sizeOfBase64(frame)} bytes`;
  return summarize(decode(frame));
}
