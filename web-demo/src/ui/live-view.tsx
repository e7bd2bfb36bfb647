import { useState } from 'preact/hooks';
import type { LiveJam } from '../jam/live-jam';
import { invitation } from './address';
import { ComputerKeys } from './computer-keys';
import { DeveloperDrawer } from './developer-drawer';
import { useFirstNote } from './first-note';
import { InvitationQuestion } from './invitation-question';
import { Stage } from './stage';
import { useWakeLock } from './wake-lock';

/** *Live*: an instrument on the whole screen, and below it the drawer for developers. */
export function LiveView({ live, onTab }: { live: LiveJam; onTab: () => void }) {
  const { device } = live;
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const code = device.session.value?.code;
  useFirstNote(device);
  useWakeLock(code !== undefined);
  return (
    <>
      <ComputerKeys find={() => device} isAlways />
      {code && invitation.value.code && (
        <InvitationQuestion
          device={device}
          from={code}
          to={invitation.value.code}
          onStay={() => (invitation.value = { code: '', from: '' })}
        />
      )}
      <Stage
        live={live}
        onTab={onTab}
        isDrawerOpen={isDrawerOpen}
        onDrawer={() => setIsDrawerOpen(!isDrawerOpen)}
      />
      {isDrawerOpen && <DeveloperDrawer live={live} onClose={() => setIsDrawerOpen(false)} />}
    </>
  );
}
