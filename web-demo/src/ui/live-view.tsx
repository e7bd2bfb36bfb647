import { useState } from 'preact/hooks';
import type { LiveJam } from '../jam/live-jam';
import { invitation } from './address';
import { ComputerKeys } from './computer-keys';
import { InvitationQuestion } from './invitation-question';
import { later } from './later';
import { Stage } from './stage';
import { useWakeLock } from './wake-lock';

const DeveloperDrawer = later(() => import('./developer-drawer').then((one) => one.DeveloperDrawer));

/** *Live*: an instrument on the whole screen, and below it the drawer for developers. */
export function LiveView({ live, onTab }: { live: LiveJam; onTab: () => void }) {
  const { device } = live;
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const code = device.session.value?.code;
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
