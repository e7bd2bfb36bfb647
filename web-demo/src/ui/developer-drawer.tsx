import { useEffect, useMemo, useRef } from 'preact/hooks';
import { LiveInspection } from '../jam/live-inspection';
import type { LiveJam } from '../jam/live-jam';
import { Inspector } from '../inspector/inspector';
import { Footer } from './footer';

/** What a developer wants to see of *Live*: builds, messages, state, and figures of the server. */
export function DeveloperDrawer({ live: jam, onClose }: { live: LiveJam; onClose: () => void }) {
  const live = useMemo(() => new LiveInspection(jam), [jam]);
  useEffect(() => () => live.close(), [live]);
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => {
    drawer.current!.focus({ preventScroll: true });
    drawer.current!.scrollIntoView();
  }, []);
  return (
    <section ref={drawer} class="drawer" aria-label="For developers" tabIndex={-1}>
      <div class="drawer-head">
        <p>
          This page talks to the server at <strong>{location.host}</strong>. Lines fall with half of
          the round trip that it has measured last.
        </p>
        <button type="button" onClick={onClose}>
          Close the drawer
        </button>
      </div>
      <BuildLine live={live} />
      <Inspector cursor={live.cursor} live={live} />
      <Footer />
    </section>
  );
}

/** The build of the server. The line is there, with other words, while that is not known. */
function BuildLine({ live }: { live: LiveInspection }) {
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
