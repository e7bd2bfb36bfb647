import { useEffect } from 'preact/hooks';
import type { Device } from '../jam/device';
import { hasMidi, midiRemark, midiTarget, playMidiOn } from '../music/midi';

export function MidiButton({ device }: { device: Device }) {
  const isHere = midiTarget.value === device;
  // A device that is gone, or in no session any more, is not played.
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
        class="quiet"
        aria-pressed={isHere}
        onClick={() => void playMidiOn(isHere ? undefined : device)}
      >
        MIDI keyboard
      </button>
      <span role="status">
        {isHere || !midiTarget.value ? midiRemark.value : 'It plays another device.'}
      </span>
    </p>
  );
}
