import { useLayoutEffect, useRef } from 'preact/hooks';
import { decode, summarize } from './packet';
import type { WireMessage } from './feed';
import type { Walk } from './walk';

/** How many messages are drawn: the newest up to where one is. */
const shown = 60;

/** A sequence chart: time goes down, the server is on the left, each device has a line. */
export function Chart({ walk }: { walk: Walk }) {
  void walk.feed.version.value;
  const { messages, lanes } = walk.feed;
  const end = walk.position.value ?? messages.length;
  const first = Math.max(0, end - shown);
  const rows = messages.slice(first, end);
  const list = useRef<HTMLOListElement>(null);
  // The newest is at the end, and that is where one looks.
  useLayoutEffect(() => list.current?.scrollTo(0, list.current.scrollHeight), [end]);
  return (
    <div class="chart">
      <div class="scrub">
        <button
          type="button"
          aria-label="One message back"
          disabled={end === 0}
          onClick={() => walk.goTo(end - 1)}
        >
          ‹
        </button>
        <label>
          <span class="visually-hidden">Position in time</span>
          <input
            type="range"
            max={messages.length}
            value={end}
            onInput={(event) => walk.goTo(event.currentTarget.valueAsNumber)}
          />
        </label>
        <button
          type="button"
          aria-label="One message on"
          disabled={end >= messages.length}
          onClick={() => walk.goTo(end + 1)}
        >
          ›
        </button>
        <span class="count">
          {end} of {messages.length}
        </span>
        {walk.isGrowing && (
          <button
            type="button"
            disabled={walk.position.value === undefined}
            onClick={() => walk.goTo(undefined)}
          >
            Back to now
          </button>
        )}
      </div>
      <svg class="lane-names" aria-hidden="true">
        <text x={placeOf(-1, lanes.length)} y="28" text-anchor="middle">
          Server
        </text>
        {lanes.map((name, lane) => (
          <text
            key={name}
            x={placeOf(lane, lanes.length)}
            y={lane % 2 === 0 && lanes.length > 3 ? 14 : 28}
            text-anchor="middle"
          >
            {lanes.length > 3 ? name.split(' ').at(-1) : name}
          </text>
        ))}
      </svg>
      <ol ref={list} class="rows" aria-label="Messages, the newest last">
        {rows.map((message, at) => (
          <Row key={first + at} message={message} lanes={lanes} walk={walk} />
        ))}
      </ol>
      {rows.length === 0 && <p class="hint">Nothing has crossed the wire yet.</p>}
    </div>
  );
}

function Row({ message, lanes, walk }: { message: WireMessage; lanes: string[]; walk: Walk }) {
  const server = placeOf(-1, lanes.length);
  const device = placeOf(message.lane, lanes.length);
  const [from, to] = message.isUp ? [device, server] : [server, device];
  const label = labelOf(message);
  const isSelected = walk.selected.value === message;
  return (
    <li>
      <button
        type="button"
        class={`row ${message.isUp ? 'up' : 'down'} ${message.kind}`}
        aria-pressed={isSelected}
        onClick={() => (walk.selected.value = isSelected ? undefined : message)}
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

/** All events of a jam begin with the same word, for which a narrow page has no room. */
function Label({ text }: { text: string }) {
  const common = text.startsWith('session:') ? 'session:' : '';
  return (
    <span class="label">
      {common && <span class="common">{common}</span>}
      {text.slice(common.length)}
    </span>
  );
}

/** Where a lane's line is; the server's is the one before the first. */
function placeOf(lane: number, lanes: number): string {
  return `${(((lane + 1.5) / (lanes + 1.5)) * 92).toFixed(2)}%`;
}

function labelOf({ kind, frame }: WireMessage): string {
  if (kind === 'event') return frame;
  if (kind === 'binary') return `binary, ${Math.floor((frame.length * 3) / 4)} bytes`;
  return summarize(decode(frame));
}
