import type { Snapshot } from 'downbeat';
import { SessionOf } from './session-of';
import type { Walk } from './walk';

/** All that the server in this tab, or the one of a trace, has in mind. */
export function ServerState({ walk }: { walk: Walk }) {
  const state = walk.state.value;
  const position = walk.position.value;
  if (!state) return <p class="state hint">Replaying…</p>;
  return (
    <div class="state">
      <h3>The server’s state {position === undefined ? 'now' : `after message ${position}`}</h3>
      <p class="numbers">
        {count(state.sessions.length, 'session')}, {count(state.sockets.length, 'socket')},{' '}
        {count(state.connections.length, 'connection')}
      </p>
      {state.sessions.map(({ roomCode, hostId, participants }) => (
        <SessionOf key={roomCode} code={roomCode} hostId={hostId} members={participants} />
      ))}
      {state.connections.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Connection</th>
              <th scope="col">By</th>
              <th scope="col">Heartbeat</th>
              <th scope="col">Deadlines</th>
            </tr>
          </thead>
          <tbody>
            {state.connections.map((one) => (
              <tr key={one.connection}>
                <td>
                  {one.connection} {nameOn(state, one.connection)}
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

/** Who is on a connection, if that one is in a session. */
function nameOn({ sockets, sessions }: Snapshot, connection: number): string {
  const id = sockets.find((socket) => socket.connection === connection)?.id;
  const everybody = sessions.flatMap(({ participants }) => participants);
  return everybody.find((participant) => participant.id === id)?.name ?? '';
}

/** What happens when, if nothing else does before. */
function deadlinesOf(connection: Snapshot['connections'][number]): string[] {
  const { heartbeat, heartbeatDeadline, upgradeDeadline, lingerDeadline } = connection;
  const deadlines: [string, unknown][] = [
    [heartbeat === 'resting' ? 'ping' : 'gives up', heartbeatDeadline],
    ['upgrade', upgradeDeadline],
    ['forgets it', lingerDeadline],
  ];
  return deadlines
    .filter((each): each is [string, number] => typeof each[1] === 'number')
    .map(([what, at]) => `${what} at ${(at / 1000).toFixed(1)} s`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
