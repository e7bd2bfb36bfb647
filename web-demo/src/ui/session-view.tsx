import type { Device, Session } from '../jam/device';
import { nameOf } from '../music/instruments';
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
      <ul class="participants" aria-label="Who is here">
        {session.participants.map(({ id, name, instrument }) => {
          const last = device.lastNotes.value.get(id);
          return (
            <li key={id} class={instrument}>
              <span key={last?.count} class={`dot ${last ? 'pulse' : ''}`} aria-hidden="true" />
              <span class="who">
                {name}
                {id === device.selfId.value && <span class="tag">you</span>}
                {id === session.hostId && <span class="tag host">host</span>}
              </span>
              <span class="what">{instrument}</span>
              <span class="last-note">{last ? nameOf(last.pitch, instrument) : ''}</span>
            </li>
          );
        })}
      </ul>
      {!device.isRobot && (
        <>
          <InstrumentChoice device={device} />
          {isDrummer ? <Pads device={device} /> : <Keys device={device} />}
          <MidiButton device={device} />
        </>
      )}
    </div>
  );
}
