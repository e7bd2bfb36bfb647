import type { Device } from '../device/device';
import { statusOf } from './status';

export function StatusLine({ device }: { device: Device }) {
  const status = statusOf(device);
  return (
    <p class={`status ${status.kind}`} role="status">
      <span class="lamp" aria-hidden="true" />
      <span title={`${status.title} ${status.hint}`}>
        <strong>{status.title}</strong> {status.hint}
      </span>
    </p>
  );
}
