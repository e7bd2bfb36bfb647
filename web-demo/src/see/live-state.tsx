import { useEffect, useRef } from 'preact/hooks';
import type { Live } from '../jam/live';
import { SessionOf } from './session-of';

/** What a client across the network knows of its server, now or at a message before. */
export function LiveState({ live }: { live: Live }) {
  const position = live.walk.position.value;
  const { connection, carriedBy, rules, heartbeat, nextPing, session, notesSent, notesHeard } =
    live.knowledge.value;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) =>
      live.figures.setWatched(entries.at(-1)!.isIntersecting),
    );
    observer.observe(panel.current!);
    return () => {
      observer.disconnect();
      live.figures.setWatched(false);
    };
  }, [live]);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return (
    <div class="state" ref={panel}>
      <h3>What this device knows {position === undefined ? 'now' : `after message ${position}`}</h3>
      {session ? (
        <SessionOf code={session.code} hostId={session.hostId} members={session.participants} />
      ) : (
        <p class="hint">It is in no session.</p>
      )}
      <dl class="facts">
        <dt>Connection</dt>
        <dd>
          {{ none: 'not yet', open: 'open', gone: 'gone' }[connection]}
          {carriedBy && `, ${carriedBy}`}
        </dd>
        {rules && nextPing !== undefined && (
          <>
            <dt>Heartbeat</dt>
            <dd>{heartbeat}</dd>
            <dt>Next ping due</dt>
            <dd>{seconds(nextPing)}</dd>
            <dt>Else it gives up</dt>
            <dd>{seconds(nextPing + rules.pingTimeout)}</dd>
          </>
        )}
        <dt>Events</dt>
        <dd>
          {notesSent} sent, {notesHeard} heard
        </dd>
      </dl>
      {position === undefined && <FiguresOf live={live} />}
    </div>
  );
}

/** What the server tells everybody. The rest it keeps to itself. */
function FiguresOf({ live }: { live: Live }) {
  const figures = live.figures.latest.value;
  if (!figures) return null;
  const { uptimeSeconds, gauges } = figures;
  const shown = [
    ['sessions', 'Sessions'],
    ['participants', 'Musicians'],
    ['sockets', 'Sockets'],
    ['events_relayed_total', 'Events relayed'],
  ] as const;
  return (
    <>
      <h3>What the server tells everybody</h3>
      <dl class="facts">
        <dt>Up for</dt>
        <dd>{spanOf(uptimeSeconds)}</dd>
        {shown.map(
          ([name, label]) =>
            gauges.has(name) && (
              <>
                <dt>{label}</dt>
                <dd>{gauges.get(name)}</dd>
              </>
            ),
        )}
      </dl>
      <p class="hint">
        Whose they are it keeps to itself. To see all of it, record it with{' '}
        <code>downbeat serve --record FILE</code> and load the file here.
      </p>
    </>
  );
}

function spanOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}
