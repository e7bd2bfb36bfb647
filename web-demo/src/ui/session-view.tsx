import type { Device } from '../device/device';
import type { Session } from '../device/session';
import { kindOf, nameOf } from '../music/instruments';
import { Countdown } from './countdown';
import { InstrumentChoice } from './instrument-choice';
import { Keys } from './keys';
import { MidiButton } from './midi-button';
import { Pads } from './pads';
import { Share } from './share';

export function SessionView({
  device,
  session,
  canShare,
}: {
  device: Device;
  session: Session;
  canShare: boolean;
}) {
  const isConnected = device.connection.value === 'connected';
  const isDrummer = device.instrument.value === 'drums';
  return (
    <div class="session">
      <div class="session-head">
        <p class="code" tabIndex={-1}>
          <span class="visually-hidden">Session code </span>
          {session.code}
        </p>
        <button type="button" disabled={!isConnected} onClick={() => device.leave()}>
          Leave
        </button>
      </div>
      {canShare && <Share code={session.code} />}
      {!device.isRobot && (
        <>
          <InstrumentChoice device={device} />
          {isDrummer ? <Pads device={device} /> : <Keys device={device} />}
          <MidiButton device={device} />
        </>
      )}
      {/* After the keys, so that these do not move when somebody joins. */}
      <ul class="participants" aria-label="Participants">
        {session.participants.map(({ id, name, instrument, awayUntil }) => {
          const last = device.lastNotes.value.get(id);
          const isAway = awayUntil !== undefined;
          return (
            <li key={id} class={`${kindOf(instrument)} ${isAway ? 'away' : ''}`}>
              <span key={last?.count} class={`dot ${last ? 'pulse' : ''}`} aria-hidden="true" />
              <bdi class="who" title={name}>
                {name}
              </bdi>
              {id === device.selfId.value && <span class="tag">you</span>}
              {id === session.hostId && (
                <span class="tag host">{session.isHostActing ? 'acting host' : 'host'}</span>
              )}
              <bdi class="what" title={instrument}>
                {instrument}
              </bdi>
              {isAway ? (
                <span class="away-for" title="The connection is lost. The seat is kept for so long.">
                  away <Countdown key={awayUntil} until={awayUntil} now={device.clock.now} />
                </span>
              ) : (
                <span class="last-note">{last ? nameOf(last.pitch, instrument) : ''}</span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
