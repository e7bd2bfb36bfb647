import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { JamSource } from '../keep/keep';

/** Keeps what was played so far, as a file and as a link that has it in itself. */
export function KeepJam({ source }: { source: () => JamSource }) {
  const { Panel, said, keep, forget } = useKept(source);
  return (
    <div class="keep">
      <button
        type="button"
        aria-expanded={Panel !== undefined}
        onClick={() => (Panel ? forget() : void keep())}
      >
        Keep this jam
      </button>
      <span class="said" role="status">
        {said}
      </span>
      {Panel && <Panel />}
    </div>
  );
}

/** What was kept when that was last asked for, or why nothing was. */
export function useKept(source: () => JamSource) {
  const [Panel, setPanel] = useState<ComponentType | undefined>();
  const [said, setSaid] = useState('');
  const keep = async () => {
    setSaid('');
    try {
      // Loaded only now: most visitors come to play.
      const { keptPanel } = await import('./kept-panel');
      const panel = await keptPanel(source());
      if (panel) setPanel(() => panel);
      else setSaid('Nothing has been played yet.');
    } catch {
      setSaid('What was played cannot be read from these messages.');
    }
  };
  return { Panel, said, keep, forget: () => setPanel(undefined) };
}
