import type { LiveJam } from '../jam/live-jam';
import { Inspector } from '../inspector/inspector';
import { invitation } from './address';
import { ComputerKeys } from './computer-keys';
import { DeviceCard } from './device-card';
import { InvitationQuestion } from './invitation-question';
import { KeepJam } from './keep-jam';
import { ScoreView } from './score-view';

export function LiveView({ live }: { live: LiveJam }) {
  const code = live.device.session.value?.code;
  return (
    <>
      <ComputerKeys find={() => live.device} />
      {code && invitation.value && (
        <InvitationQuestion
          device={live.device}
          from={code}
          to={invitation.value}
          onStay={() => (invitation.value = '')}
        />
      )}
      <section class="intro" aria-label="Live">
        <div>
          <h1>Play together, wherever you are</h1>
          <p>
            This page talks to the server that served it, at <strong>{location.host}</strong>. Create
            a session and share its code; everybody who joins plays with you.
          </p>
          <BuildLine live={live} />
        </div>
      </section>
      <ScoreView score={live.score} />
      <KeepJam source={() => live.source} />
      <section class="devices alone" aria-label="Your device">
        <DeviceCard
          device={live.device}
          suggestedCode={invitation.value}
          isActive
          canShare
          onActive={() => {}}
        />
      </section>
      <Inspector cursor={live.cursor} live={live} />
    </>
  );
}

/** The build of the server. The line is there, with other words, while that is not known. */
function BuildLine({ live }: { live: LiveJam }) {
  const comparison = live.comparison.value;
  const kind = { true: 'good', false: 'bad', undefined: '' }[String(comparison?.isSame)];
  const unknown = live.metrics.latest.value
    ? 'The server does not publish its build.'
    : 'Waiting for the server’s build.';
  return (
    <p class={`build ${comparison ? kind : ''}`} role="status">
      {comparison?.words ?? unknown}
    </p>
  );
}
