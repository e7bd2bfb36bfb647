import type { Device } from '../device/device';
import { nodeOf } from '../device/names';
import type { Member, Session } from '../device/session';
import { dynamicsOf } from '../music/dynamics';
import { kindOf, nameOf } from '../music/instruments';
import { Countdown } from './countdown';

/** All that have a seat: each in a colour, with an instrument's shape. */
export function Participants({
  device,
  session,
  ownLatency,
}: {
  device: Device;
  session: Session;
  /** The latency of this device, in milliseconds, if it is measured. */
  ownLatency?: number | undefined;
}) {
  const count = session.participants.length;
  return (
    <ul class={`participants ${count > 5 ? 'many' : ''}`} aria-label="Participants">
      {session.participants.map((member) => (
        <Participant
          key={member.id}
          device={device}
          session={session}
          member={member}
          latency={
            member.id === device.selfId.value ? ownLatency : device.latencies.value.get(member.id)
          }
        />
      ))}
    </ul>
  );
}

function Participant({
  device,
  session,
  member,
  latency,
}: {
  device: Device;
  session: Session;
  member: Member;
  latency: number | undefined;
}) {
  const { id, name, instrument, awayUntil } = member;
  const node = nodeOf(member);
  const last = device.lastNotes.value.get(id);
  const isAway = awayUntil !== undefined;
  return (
    <li class={`person-${device.colourOf(id)} ${isAway ? 'away' : ''}`}>
      <span
        key={last?.count}
        class={`dot ${kindOf(instrument)}-shape ${last ? 'pulse' : ''}`}
        aria-hidden="true"
      />
      <bdi class="who" title={`${name}, ${instrument}`}>
        {name}
      </bdi>
      {id === device.selfId.value && <span class="tag you">you</span>}
      {id === session.hostId && (
        <span class="tag host">{session.isHostActing ? 'acting host' : 'host'}</span>
      )}
      {node && (
        <span class="tag node" title={`on node ${node}`}>
          <span class="visually-hidden">on node </span>
          <bdi>{node}</bdi>
        </span>
      )}
      <bdi class="what" title={instrument}>
        {instrument}
      </bdi>
      {isAway ? (
        <span class="away-for" title="The connection is lost. The seat is kept for so long.">
          away <Countdown key={awayUntil} until={awayUntil} now={device.clock.now} />
        </span>
      ) : (
        <span class="last-note">
          {last ? nameOf(last.pitch, instrument) : ''}
          {last && <i class="dynamics">{dynamicsOf(last.velocity)}</i>}
        </span>
      )}
      {!isAway && latency !== undefined && (
        <span class="latency" title="How long the server takes to answer">
          {latency}
          <span class="unit"> ms</span>
        </span>
      )}
    </li>
  );
}
