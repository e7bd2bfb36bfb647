import type { Participant } from 'downbeat-server';
import { nodeOf } from '../device/names';
import { isPresent, type Member } from '../device/session';

interface SessionMembersProps {
  code: string;
  hostId: string;
  /** Those among them who are away say so. */
  members: Member[];
  /** Those who are away, where they are listed by themselves. */
  away?: Participant[];
}

export function SessionMembers({ code, hostId, members, away = [] }: SessionMembersProps) {
  const row = (participant: Participant, isAway: boolean) => {
    const { id, name, instrument } = participant;
    const node = nodeOf(participant);
    return (
      <li key={id}>
        <bdi>{name}</bdi>, <bdi>{instrument}</bdi>
        {id === hostId && ' (host)'}
        {isAway && ' (away)'}
        {node && (
          <>
            {' on node '}
            <bdi>{node}</bdi>
          </>
        )}{' '}
        <code>{id.slice(-4)}</code>
      </li>
    );
  };
  return (
    <div class="state-session">
      <strong>{code}</strong>
      <ol>
        {members.map((member) => row(member, !isPresent(member)))}
        {away.map((participant) => row(participant, true))}
      </ol>
    </div>
  );
}
