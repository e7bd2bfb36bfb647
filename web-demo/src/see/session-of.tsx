import type { Session } from '../jam/device';

interface SessionOfProps {
  code: string;
  hostId: string;
  members: Session['participants'];
}

export function SessionOf({ code, hostId, members }: SessionOfProps) {
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
