import type { Device } from '../device/device';
import { instruments } from '../music/instruments';

export function InstrumentChoice({ device }: { device: Device }) {
  return (
    <fieldset class="instruments">
      <legend>Instrument</legend>
      {instruments.map((instrument) => (
        <label key={instrument}>
          <input
            type="radio"
            name={`${device.key}-instrument`}
            checked={device.instrument.value === instrument}
            onChange={() => device.choose(instrument)}
          />
          <span>
            <i class={`dot ${instrument}-shape`} aria-hidden="true" />
            {instrument}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
