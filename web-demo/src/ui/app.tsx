import { signal } from '@preact/signals';
import { Live } from '../jam/live';
import { Stage } from '../jam/stage';
import { startTabServer } from '../jam/tab-server';
import { Footer } from './footer';
import { invitation } from './invitation';
import { Header } from './header';
import { LiveView } from './live-view';
import { StageView } from './stage-view';

export type Mode = 'tab' | 'live';

const mode = signal<Mode>('tab');
const stage = signal<Stage | undefined>(undefined);
const live = signal<Live | undefined>(undefined);
const trouble = signal('');

/** Both modes keep what they have while the other one is shown, but for the music. */
async function choose(next: Mode): Promise<void> {
  mode.value = next;
  if (next === 'live') {
    live.value ??= new Live();
    if (stage.value) stage.value.time.isAsleep = true;
    return;
  }
  if (stage.value) {
    stage.value.time.isAsleep = false;
    return;
  }
  try {
    const made = new Stage(await startTabServer());
    made.addDevice();
    stage.value = made;
  } catch (error) {
    trouble.value = `The server in this tab did not start: ${(error as Error).message}`;
  }
}

// A link with a code leads to others, and they are not in this tab.
void choose(invitation.value ? 'live' : 'tab');
addEventListener('hashchange', () => invitation.value && void choose('live'));

export function App() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the music
      </a>
      <Header mode={mode.value} onMode={(next) => void choose(next)} />
      <main id="main" tabIndex={-1}>
        {trouble.value && mode.value === 'tab' && <p class="trouble">{trouble.value}</p>}
        {mode.value === 'tab' && stage.value && <StageView stage={stage.value} />}
        {mode.value === 'tab' && !stage.value && !trouble.value && (
          <p class="starting">Starting the server in this tab…</p>
        )}
        {mode.value === 'live' && live.value && <LiveView live={live.value} />}
      </main>
      <Footer />
    </>
  );
}
