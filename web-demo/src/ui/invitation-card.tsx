import type { Device } from '../device/device';
import { nameInSentence } from '../device/names';
import { accept, accepted } from './acceptance';
import { invitation } from './address';
import { NameField } from './name-field';

/** For somebody who has opened a link to a session: a name, and one button. */
export function InvitationCard({ device }: { device: Device }) {
  const { code, from } = invitation.value;
  const hasName = device.name.value.trim() !== '';
  const isWaiting = accepted.value !== '' || device.isBusy.value;
  return (
    <form
      class="invitation"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWaiting && hasName) accept();
      }}
    >
      <h2>
        {from ? (
          <>
            <bdi>{nameInSentence(from)}</bdi> invites you to{' '}
          </>
        ) : (
          'You are invited to '
        )}
        <strong class="invited-code">{code}</strong>
      </h2>
      <NameField device={device} />
      <div class="doors">
        <button type="submit" class="primary" disabled={isWaiting || !hasName}>
          Join
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => (invitation.value = { code: '', from: '' })}
        >
          Something else
        </button>
      </div>
      <p class="hint">
        {hasName ? 'Or just play: your first note joins, too.' : 'Type a name first.'}
      </p>
    </form>
  );
}
