import type { TraceCursor } from '../wire/trace-cursor';

/** Where in time the chart is, and whether it follows the newest message. */
export function Scrubber({ cursor }: { cursor: TraceCursor }) {
  void cursor.log.version.value;
  const { log, end } = cursor;
  const isFollowing = cursor.position.value === undefined;
  return (
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
          class="follow"
          title={isFollowing ? 'Keeps what the chart shows; the jam goes on' : undefined}
          onClick={() => (isFollowing ? cursor.hold() : cursor.goTo(undefined))}
        >
          {isFollowing ? 'Pause chart' : 'Follow live'}
        </button>
      )}
    </div>
  );
}
