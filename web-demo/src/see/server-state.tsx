import type { Snapshot } from 'downbeat';
import type { Session } from '../jam/device';

interface ServerStateProps {
  state: Snapshot | undefined;
  session: Session | undefined;
  position: number | undefined;
}

export function ServerState({ state, session, position }: ServerStateProps) {
  if (!state) {
    return (
      <div class="state">
        <h3>What this device knows</h3>
        {session ? (
          <SessionOf code={session.code} hostId={session.hostId} members={session.participants} />
        ) : (
          <p class="hint">
            It is in no session. A server across the network keeps its state to itself; record it
            with <code>downbeat serve --record FILE</code> and load the file here.
          </p>
        )}
      </div>
    );
  }
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
              <th scope="col">State</th>
              <th scope="col">Heartbeat</th>
              <th scope="col">Deadline</th>
            </tr>
          </thead>
          <tbody>
            {state.connections.map(({ connection, state: of, heartbeat, heartbeatDeadline }) => (
              <tr key={connection}>
                <td>{connection}</td>
                <td>{of}</td>
                <td>{heartbeat}</td>
                <td>
                  {heartbeatDeadline === undefined
                    ? '–'
                    : `${(heartbeatDeadline / 1000).toFixed(1)} s`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function SessionOf({
  code,
  hostId,
  members,
}: {
  code: string;
  hostId: string;
  members: Session['participants'];
}) {
  return (
    <div class="state-session">
      <strong>{code}</strong>
      <ol>
        {members.map(({ id, name, instrument }) => (
          <li key={id}>
            {name}, {instrument}
            {id === hostId && ' (host)'} <code>{id.slice(-4)}</code>
          </li>
        ))}
      </ol>
    </div>
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
