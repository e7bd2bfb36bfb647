import { useEffect } from 'preact/hooks';
import type { Live } from '../jam/live';
import { See } from '../see/see-view';
import { ComputerKeys } from './computer-keys';
import { DeviceCard } from './device-card';
import { invitation, showInvitation } from './invitation';

export function LiveView({ live }: { live: Live }) {
  const code = live.device.session.value?.code;
  useEffect(() => {
    if (!code) return undefined;
    showInvitation(code);
    return () => showInvitation(undefined);
  }, [code]);
  return (
    <>
      <ComputerKeys find={() => live.device} />
      <section class="intro" aria-label="The server">
        <p>
          This page talks to the server that served it, at <strong>{location.host}</strong>. Share a
          code, and play with others. {live.build.value}
        </p>
      </section>
      <section class="stage alone" aria-label="Your device">
        <DeviceCard
          device={live.device}
          suggestedCode={invitation.value}
          isActive
          canShare
          onActive={() => {}}
        />
      </section>
      <See walk={live.walk} session={live.device.session.value} />
    </>
  );
}
