import type { Device } from '../device/device';

/** What one can do after one's seat has ended. */
export function Offer({ device }: { device: Device }) {
  const offer = device.remark.value?.offer;
  if (!offer) return null;
  const isElsewhere = device.connection.value === 'elsewhere';
  const canAsk = device.connection.value === 'connected' && !device.isBusy.value;
  const hasName = device.name.value.trim() !== '';
  return (
    <p class="offer">
      <button
        type="button"
        class="primary"
        disabled={!isElsewhere && !(canAsk && hasName)}
        onClick={() => device.accept()}
      >
        {offer.label}
      </button>
    </p>
  );
}
