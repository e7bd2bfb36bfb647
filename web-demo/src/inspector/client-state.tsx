import { useEffect, useRef } from 'preact/hooks';
import type { LiveInspection } from '../jam/live-inspection';
import { Age } from './age';
import { SessionMembers } from './session-members';

/** A client's state as its messages show it, now or at an earlier message. */
export function ClientStateView({ live }: { live: LiveInspection }) {
  const position = live.cursor.position.value;
  const { connection, transport, handshake, heartbeat, nextPing, session, notesSent, notesHeard } =
    live.clientState.value;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) =>
      live.metrics.setWatched(entries.at(-1)!.isIntersecting),
    );
    observer.observe(panel.current!);
    return () => {
      observer.disconnect();
      live.metrics.setWatched(false);
    };
  }, [live]);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return (
    <div class="state" ref={panel}>
      <h3>Device state {position === undefined ? 'now' : `after message ${live.cursor.end}`}</h3>
      {session ? (
        <SessionMembers code={session.code} hostId={session.hostId} members={session.participants} />
      ) : (
        <p class="hint">Not in a session.</p>
      )}
      <dl class="properties">
        <dt>Connection</dt>
        <dd>
          {{ none: 'not yet', open: 'open', gone: 'closed' }[connection]}
          {transport && `, ${transport}`}
        </dd>
        {handshake && nextPing !== undefined && (
          <>
            <dt>Heartbeat</dt>
            <dd>{heartbeat}</dd>
            <dt>Next ping due at</dt>
            <dd>{seconds(nextPing)}</dd>
            <dt>Times out at</dt>
            <dd>{seconds(nextPing + handshake.pingTimeout)}</dd>
          </>
        )}
        <dt>Events</dt>
        <dd>
          {notesSent} sent, {notesHeard} received
        </dd>
      </dl>
      {position === undefined && <ServerMetricsList live={live} />}
    </div>
  );
}

/** The metrics and build that the server publishes. */
function ServerMetricsList({ live }: { live: LiveInspection }) {
  const metrics = live.metrics.latest.value;
  if (!metrics) return null;
  const { uptimeSeconds, gauges } = metrics;
  const shown = [
    ['sessions', 'Sessions'],
    ['participants', 'Musicians'],
    ['sockets', 'Sockets'],
    ['events_relayed_total', 'Events relayed'],
  ] as const;
  return (
    <>
      <h3>
        Server metrics <Age since={metrics.askedAt} />
      </h3>
      <dl class="properties">
        {uptimeSeconds !== undefined && (
          <>
            <dt>Uptime</dt>
            <dd>{spanOf(uptimeSeconds)}</dd>
          </>
        )}
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
      {gauges.size === 0 && (
        <p class="hint">
          Not available: the server, or a proxy in front of it, does not publish its metrics here.
        </p>
      )}
      <p class="hint">
        The server does not publish details. To inspect everything, start it with{' '}
        <code>--record FILE</code> and load the file here.
      </p>
    </>
  );
}

function spanOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}
