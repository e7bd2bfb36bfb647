import { useEffect, useRef } from 'preact/hooks';
import type { Device } from '../device/device';

/** Asks before a link to another session takes the user out of the present one. */
export function InvitationQuestion({
  device,
  from,
  to,
  onStay,
}: {
  device: Device;
  from: string;
  to: string;
  onStay: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  const canAsk = device.connection.value === 'connected' && !device.isBusy.value;
  return (
    <dialog ref={dialog} class="question" aria-labelledby="question" onClose={onStay}>
      <h2 id="question">Join {to}?</h2>
      <p>The link leads to another session. You are in {from}, and can be in only one at a time.</p>
      <div class="answers">
        <button type="button" class="primary" onClick={onStay}>
          Stay in {from}
        </button>
        <button
          type="button"
          disabled={!canAsk}
          onClick={() => {
            device.join(to);
            onStay();
          }}
        >
          Leave and join {to}
        </button>
      </div>
    </dialog>
  );
}
