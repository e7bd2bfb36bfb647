import type { Device } from '../device/device';
import { printOf } from '../music/computer-keys';
import { isBlack, keyCount, lowestFor, nameOf } from '../music/instruments';
import { KeyButton } from './key-button';
import { rove } from './roving';

/** Two octaves and the next note, of which a narrow device shows one octave. */
export function Keys({ device }: { device: Device }) {
  const instrument = device.instrument.value;
  const first = lowestFor(instrument, device.octave.value);
  const pitches = Array.from({ length: keyCount }, (_, step) => first + step);
  return (
    <div class="keyboard">
      <div class="keys" role="group" aria-label={`${instrument} keys`} onKeyDown={rove}>
        {pitches.map((pitch, step) => {
          const kind = isBlack(pitch) ? 'black' : 'white';
          return (
            <span key={pitch} class={`${kind}-place ${placeOf(step)}`}>
              <KeyButton
                device={device}
                pitch={pitch}
                label={nameOf(pitch, instrument)}
                print={printOf(step, false)}
                class={kind}
              />
            </span>
          );
        })}
      </div>
    </div>
  );
}

function placeOf(step: number): string {
  if (step < 12) return '';
  return step === 12 ? 'octave-end' : 'second-octave';
}
