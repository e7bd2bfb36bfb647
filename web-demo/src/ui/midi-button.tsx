import type { Device } from '../jam/device';
import { hasMidi, listenToMidi, midiState } from '../music/midi';

export function MidiButton({ device }: { device: Device }) {
  if (!hasMidi || device.isRobot) return null;
  return (
    <p class="midi">
      <button
        type="button"
        class="quiet"
        onClick={() => void listenToMidi((note) => device.play(note))}
      >
        Use a MIDI keyboard here
      </button>
      <span role="status">{midiState.value}</span>
    </p>
  );
}
