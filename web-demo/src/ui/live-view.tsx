import { useEffect } from 'preact/hooks';
import type { Live } from '../jam/live';
import { See } from '../see/see-view';
import { ComputerKeys } from './computer-keys';
import { DeviceCard } from './device-card';
import { invitation, showInvitation } from './invitation';
import { ScoreView } from './score-view';

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
        <div>
          <h1>Play together, wherever you are</h1>
          <p>
            This page talks to the server that served it, at <strong>{location.host}</strong>. Start
            a session, share its code, and play with whoever joins.
          </p>
          <BuildLine live={live} />
        </div>
      </section>
      <ScoreView score={live.score} />
      <section class="stage alone" aria-label="Your device">
        <DeviceCard
          device={live.device}
          suggestedCode={invitation.value}
          isActive
          canShare
          onActive={() => {}}
        />
      </section>
      <See walk={live.walk} live={live} />
    </>
  );
}

/** Which build the page talks to. Its place is kept while that is not known. */
function BuildLine({ live }: { live: Live }) {
  const comparison = live.comparison.value;
  const kind = { true: 'good', false: 'bad', undefined: '' }[String(comparison?.isSame)];
  return (
    <p class={`build ${comparison ? kind : ''}`} role="status">
      {comparison?.words ?? 'Waiting for the server to say which build it is.'}
    </p>
  );
}
