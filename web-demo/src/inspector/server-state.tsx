import { useEffect } from 'preact/hooks';
import type { Snapshot } from 'downbeat-server';
import { SessionMembers } from './session-members';
import { beginningIsGone, type TraceCursor } from '../wire/trace-cursor';

/** The state of now is not older than that. */
const refreshMs = 1000;

/** The whole state of the server in this tab, or of the one in a trace. */
export function ServerState({ cursor }: { cursor: TraceCursor }) {
  const state = cursor.state.value;
  const position = cursor.stateAt.value;
  useEffect(() => {
    const timer = setInterval(() => cursor.refresh(), refreshMs);
    return () => clearInterval(timer);
  }, [cursor]);
  if (!state) {
    return (
      <p class="state hint">
        {cursor.isWhole ? 'Replaying…' : `The state at this point is unknown: ${beginningIsGone}`}
      </p>
    );
  }
  return (
    <div class="state">
      <h3>Server state {position === undefined ? 'now' : `after message ${position}`}</h3>
      <p class="numbers">
        {count(state.sessions.length, 'session')}, {count(state.sockets.length, 'socket')},{' '}
        {count(state.connections.length, 'connection')}
      </p>
      {state.sessions.map(({ roomCode, hostId, participants, away = [] }) => (
        <SessionMembers
          key={roomCode}
          code={roomCode}
          hostId={hostId}
          members={participants}
          away={away}
        />
      ))}
      {state.connections.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Connection</th>
              <th scope="col">Transport</th>
              <th scope="col">Heartbeat</th>
              <th scope="col">Deadlines</th>
            </tr>
          </thead>
          <tbody>
            {state.connections.map((one) => (
              <tr key={one.connection}>
                <td>
                  {one.connection} <bdi>{nameOn(state, one.connection)}</bdi>
                </td>
                <td>{one.state === 'open' ? String(one['carriedBy']) : one.state}</td>
                <td>{one.heartbeat}</td>
                <td>{deadlinesOf(one).join(', ') || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** The name of the participant on a connection, if it is in a session. */
function nameOn({ sockets, sessions }: Snapshot, connection: number): string {
  const id = sockets.find((socket) => socket.connection === connection)?.id;
  const everybody = sessions.flatMap(({ participants }) => participants);
  return everybody.find((participant) => participant.id === id)?.name ?? '';
}

/** Timeouts of a connection, and when they expire. */
function deadlinesOf(connection: Snapshot['connections'][number]): string[] {
  const { heartbeat, heartbeatDeadline, upgradeDeadline, lingerDeadline } = connection;
  const deadlines: [string, unknown][] = [
    [heartbeat === 'resting' ? 'next ping' : 'times out', heartbeatDeadline],
    ['upgrade', upgradeDeadline],
    ['removed', lingerDeadline],
  ];
  return deadlines
    .filter((each): each is [string, number] => typeof each[1] === 'number')
    .map(([what, at]) => `${what} at ${(at / 1000).toFixed(1)} s`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
