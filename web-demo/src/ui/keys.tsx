import type { Device } from '../device/device';
import { printOf } from '../music/computer-keys';
import { isBlack, lowest, nameOf } from '../music/instruments';
import { KeyButton } from './key-button';
import { rove } from './roving';

/** Two octaves, of which a narrow device shows one. */
export function Keys({ device }: { device: Device }) {
  const instrument = device.instrument.value;
  const first = lowest(instrument);
  const pitches = Array.from({ length: 25 }, (_, step) => first + step);
  return (
    <div class="keyboard">
      <div class="keys" role="group" aria-label={`${instrument} keys`} onKeyDown={rove}>
        {pitches.map((pitch, step) => {
          const kind = isBlack(pitch) ? 'black' : 'white';
          return (
            <span key={pitch} class={`${kind}-place ${step > 12 ? 'second-octave' : ''}`}>
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
