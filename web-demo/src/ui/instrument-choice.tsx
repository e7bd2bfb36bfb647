import type { Device } from '../device/device';
import { instruments } from '../music/instruments';

export function InstrumentChoice({ device }: { device: Device }) {
  return (
    <fieldset class="instruments">
      <legend>Instrument</legend>
      {instruments.map((instrument) => (
        <label key={instrument} class={instrument}>
          <input
            type="radio"
            name={`${device.key}-instrument`}
            checked={device.instrument.value === instrument}
            onChange={() => device.choose(instrument)}
          />
          <span>{instrument}</span>
        </label>
      ))}
    </fieldset>
  );
}
