import type { Device } from '../device/device';
import { longestName } from '../device/names';

export function NameField({ device }: { device: Device }) {
  return (
    <label class="field name">
      <span>Your name</span>
      <input
        value={device.name.value}
        maxLength={longestName}
        autocomplete="nickname"
        placeholder="What others see"
        onInput={(event) => (device.name.value = event.currentTarget.value)}
      />
    </label>
  );
}
