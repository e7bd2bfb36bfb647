import type { Device } from '../device/device';
import { lowestFor, nameOf } from '../music/instruments';

/** What changes how the keys play: the octave, and the sustain pedal. */
export function Touch({ device }: { device: Device }) {
  const instrument = device.instrument.value;
  const isDown = device.pedal.isDown.value;
  if (instrument === 'drums') return null;
  const octave = device.octave.value;
  const lowest = lowestFor(instrument, octave);
  const shift = (by: number, label: string, print: string, sign: string) => (
    <button
      type="button"
      disabled={lowestFor(instrument, octave + by) === lowest}
      aria-label={label}
      title={`${label} (${print})`}
      onClick={() => device.shiftOctave(by)}
    >
      {sign}
    </button>
  );
  return (
    <div class="touch" role="group" aria-label="Octave and sustain">
      {shift(-1, 'Octave down', 'Z', '−8')}
      <output class="octave" aria-label="Lowest key">
        {nameOf(lowest, instrument)}
      </output>
      {shift(1, 'Octave up', 'X', '+8')}
      <button
        type="button"
        class="sustain"
        aria-pressed={isDown}
        title="Sustain (space, or a MIDI keyboard’s pedal)"
        onClick={() => device.pedal.move(!isDown)}
      >
        Sustain
      </button>
    </div>
  );
}
