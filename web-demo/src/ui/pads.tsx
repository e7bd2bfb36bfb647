import type { Device } from '../device/device';
import { printOf } from '../music/computer-keys';
import { pads } from '../music/instruments';
import { KeyButton } from './key-button';
import { rove } from './roving';

export function Pads({ device }: { device: Device }) {
  return (
    <div class="pads" role="group" aria-label="drum pads" onKeyDown={rove}>
      {pads.map(({ pitch, name }, step) => (
        <KeyButton
          key={pitch}
          device={device}
          pitch={pitch}
          label={name}
          title={name}
          print={printOf(step, true)}
          class="pad"
        />
      ))}
    </div>
  );
}
