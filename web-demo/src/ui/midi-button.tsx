import { useEffect } from 'preact/hooks';
import type { Device } from '../device/device';
import { hasMidi, midiRemark, midiTarget, playMidiOn } from '../device/midi';

export function MidiButton({ device }: { device: Device }) {
  const isHere = midiTarget.value === device;
  // A removed device, or one that has left its session, is not played any more.
  useEffect(
    () => () => {
      if (midiTarget.value === device) void playMidiOn(undefined);
    },
    [device],
  );
  if (!hasMidi || device.isRobot) return null;
  return (
    <p class="midi">
      <button
        type="button"
        aria-label="MIDI keyboard"
        aria-pressed={isHere}
        onClick={() => void playMidiOn(isHere ? undefined : device)}
      >
        MIDI
      </button>
      <span role="status">
        {isHere || !midiTarget.value ? midiRemark.value : 'MIDI plays another device.'}
      </span>
    </p>
  );
}
