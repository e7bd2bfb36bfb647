import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type ChartRow, type NoteView, rowsUpTo } from '../wire/chart-rows';
import type { WireMessage } from '../wire/message-log';
import type { TraceCursor } from '../wire/trace-cursor';
import { MessageRow } from './message-row';
import { NoteChoice } from './note-choice';
import { Scrubber } from './scrubber';
import { placeOf } from './lanes';

/** How many rows are drawn: the last ones up to the cursor. */
const shown = 60;

/** A sequence diagram: time goes down, the server is on the left, each device has a line. */
export function Chart({ cursor }: { cursor: TraceCursor }) {
  void cursor.log.version.value;
  const [view, setView] = useState<NoteView>('fold');
  const { log, end } = cursor;
  const rows = rowsUpTo(log, end, shown, view);
  const list = useRef<HTMLOListElement>(null);
  // The newest is at the end, and must be visible.
  useLayoutEffect(() => list.current?.scrollTo(0, list.current.scrollHeight), [end, view]);
  return (
    <div class="chart">
      <Scrubber cursor={cursor} />
      <NoteChoice view={view} onView={setView} />
      {log.first > 0 && (
        <p class="hint dropped">
          The oldest {log.first} messages were dropped to save memory. The first one kept is number{' '}
          {log.first + 1}.
        </p>
      )}
      <LaneNames lanes={[...log.lanes]} />
      <ol ref={list} class="rows" aria-label="Messages, the newest last">
        {rows.map((row) => (
          <Rows
            key={row.number}
            row={row}
            cursor={cursor}
            onSelect={(message) => {
              // What is selected stays where it is: the chart does not follow the newest then.
              if (message) cursor.hold(end);
              cursor.select(message);
            }}
          />
        ))}
      </ol>
      {rows.length === 0 && (
        <p class="hint">{end > log.first ? 'Nothing but notes so far.' : 'No messages yet.'}</p>
      )}
    </div>
  );
}

/** The row of a note also has a row for each of its messages, while one of them is selected. */
function Rows({
  row: { messages },
  cursor,
  onSelect,
}: {
  row: ChartRow;
  cursor: TraceCursor;
  onSelect: (message: WireMessage | undefined) => void;
}) {
  const { lanes } = cursor.log;
  const selected = cursor.selected.value;
  const isOpen = messages.length > 1 && messages.some((message) => message === selected);
  const item = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    if (isOpen) showBelow(item.current!);
  }, [isOpen]);
  const row = (of: typeof messages) => (
    <MessageRow
      messages={of}
      lanes={lanes}
      isSelected={selected === of[0]}
      isOpen={of.length > 1 ? isOpen : undefined}
      onSelect={() => onSelect(selected === of[0] || (of.length > 1 && isOpen) ? undefined : of[0])}
    />
  );
  return (
    <li ref={item}>
      {row(messages)}
      {isOpen && (
        <ol class="row-messages" aria-label="Messages of this note">
          {messages.slice(1).map((message, at) => (
            <li key={at}>{row([message])}</li>
          ))}
        </ol>
      )}
    </li>
  );
}

/** Scrolls the list, not the page, as far as needed to show all of an item that has grown. */
function showBelow(item: HTMLElement): void {
  const list = item.parentElement!;
  const hidden = item.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
  const room = item.getBoundingClientRect().top - list.getBoundingClientRect().top;
  if (hidden > 0) list.scrollTop += Math.min(hidden, room);
}

function LaneNames({ lanes }: { lanes: string[] }) {
  return (
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
  );
}

function briefName(name: string): string {
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}
