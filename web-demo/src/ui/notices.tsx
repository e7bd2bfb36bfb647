import type { Device } from '../device/device';
import { freeName, isNameInUse, nameInSentence } from '../device/names';
import type { Session } from '../device/session';

/** What the user may want to do something about: nobody else is here, or has the same name. */
export function Notices({
  device,
  session,
  onShare,
}: {
  device: Device;
  session: Session;
  onShare: () => void;
}) {
  const { participants, code } = session;
  const others = participants.filter(({ id }) => id !== device.selfId.value);
  const own = participants.find(({ id }) => id === device.selfId.value)?.name ?? '';
  const names = others.map(({ name }) => name);
  const canAsk = device.connection.value === 'connected' && !device.isBusy.value;
  const free = freeName(own, names);
  return (
    <div class="notices">
      {others.length === 0 && (
        <p class="notice alone">
          <span>You are alone here. Share {code}, so that others can join.</span>
          <button type="button" class="primary" onClick={onShare}>
            Invite others
          </button>
        </p>
      )}
      {isNameInUse(own, names) && (
        <p class="notice">
          <span>
            Somebody else here is called <bdi>{nameInSentence(own)}</bdi>, too.
          </span>
          <button type="button" disabled={!canAsk} onClick={() => device.rename(free)}>
            Call me <bdi>{nameInSentence(free)}</bdi>
          </button>
        </p>
      )}
    </div>
  );
}
