import type { Device } from '../device/device';
import type { Session } from '../device/session';
import { InstrumentChoice } from './instrument-choice';
import { Keys } from './keys';
import { MidiButton } from './midi-button';
import { Pads } from './pads';
import { Participants } from './participants';
import { Touch } from './touch';

/** A device's session, in its card. */
export function SessionView({ device, session }: { device: Device; session: Session }) {
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
      {!device.isRobot && (
        <>
          <InstrumentChoice device={device} />
          {isDrummer ? <Pads device={device} /> : <Keys device={device} />}
          <div class="touches">
            <Touch device={device} />
            <MidiButton device={device} />
          </div>
        </>
      )}
      {/* After the keys, so that these do not move when somebody joins. */}
      <Participants device={device} session={session} />
    </div>
  );
}
