import { useLayoutEffect, useRef } from 'preact/hooks';
import { sizeOfBase64 } from '../wire/hex';
import { decode, summarize } from '../wire/packet';
import type { WireMessage } from '../wire/message-log';
import type { TraceCursor } from '../wire/trace-cursor';

/** How many messages are drawn: the last ones up to the cursor. */
const shown = 60;

/** A sequence diagram: time goes down, the server is on the left, each device has a line. */
export function Chart({ cursor }: { cursor: TraceCursor }) {
  void cursor.log.version.value;
  const { log, end } = cursor;
  const { messages, lanes } = log;
  const first = Math.max(log.first, end - shown);
  const rows = messages.slice(first - log.first, end - log.first);
  const list = useRef<HTMLOListElement>(null);
  // The newest is at the end, and must be visible.
  useLayoutEffect(() => list.current?.scrollTo(0, list.current.scrollHeight), [end]);
  return (
    <div class="chart">
      <div class="scrub">
        <button
          type="button"
          aria-label="One message back"
          disabled={end <= log.first}
          onClick={() => cursor.goTo(end - 1)}
        >
          ‹
        </button>
        <label>
          <span class="visually-hidden">Position in time</span>
          <input
            type="range"
            min={log.first}
            max={log.end}
            value={end}
            onInput={(event) => cursor.goTo(event.currentTarget.valueAsNumber)}
          />
        </label>
        <button
          type="button"
          aria-label="One message forward"
          disabled={end >= log.end}
          onClick={() => cursor.goTo(end + 1)}
        >
          ›
        </button>
        <span class="count">
          {end} of {log.end}
        </span>
        {cursor.isGrowing && (
          <button
            type="button"
            disabled={cursor.position.value === undefined}
            onClick={() => cursor.goTo(undefined)}
          >
            Follow live
          </button>
        )}
      </div>
      {log.first > 0 && (
        <p class="hint dropped">
          The oldest {log.first} messages were dropped to save memory. The first one kept is number{' '}
          {log.first + 1}.
        </p>
      )}
      <svg class="lane-names" aria-hidden="true">
        <text x={placeOf(-1, lanes.length)} y={lanes.length > 3 ? 28 : 14} text-anchor="middle">
          Server
        </text>
        {lanes.map((name, lane) => (
          <text
            key={name}
            x={placeOf(lane, lanes.length)}
            y={lane % 2 === 0 && lanes.length > 3 ? 14 : 28}
            text-anchor="middle"
          >
            {briefName(lanes.length > 3 ? name.split(' ').at(-1)! : name)}
          </text>
        ))}
      </svg>
      <ol ref={list} class="rows" aria-label="Messages, the newest last">
        {rows.map((message, at) => (
          <Row key={first + at} message={message} lanes={lanes} cursor={cursor} />
        ))}
      </ol>
      {rows.length === 0 && <p class="hint">No messages yet.</p>}
    </div>
  );
}

function Row({ message, lanes, cursor }: { message: WireMessage; lanes: string[]; cursor: TraceCursor }) {
  const server = placeOf(-1, lanes.length);
  const device = placeOf(message.lane, lanes.length);
  const [from, to] = message.isUp ? [device, server] : [server, device];
  const label = labelOf(message);
  const isSelected = cursor.selected.value === message;
  return (
    <li>
      <button
        type="button"
        class={`row ${message.isUp ? 'up' : 'down'} ${message.kind}`}
        aria-pressed={isSelected}
        onClick={() => (cursor.selected.value = isSelected ? undefined : message)}
      >
        <span class="when">{(message.time / 1000).toFixed(3)}</span>
        <span class="visually-hidden">
          {message.isUp
            ? `${lanes[message.lane]} to the server`
            : `the server to ${lanes[message.lane]}`}
        </span>
        <svg class="arrow" aria-hidden="true">
          <line class="life" x1={server} x2={server} y1="0" y2="100%" />
          {lanes.map((name, lane) => (
            <line
              key={name}
              class="life"
              x1={placeOf(lane, lanes.length)}
              x2={placeOf(lane, lanes.length)}
              y1="0"
              y2="100%"
            />
          ))}
          <line class="message" x1={from} x2={to} y1="50%" y2="50%" />
          <circle class="head" cx={to} cy="50%" r="4" />
        </svg>
        <Label text={label} />
      </button>
    </li>
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

function briefName(name: string): string {
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}

/** The position of a lane's line; -1 is the server's. */
function placeOf(lane: number, lanes: number): string {
  return `${(((lane + 1.5) / (lanes + 1.5)) * 92).toFixed(2)}%`;
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
