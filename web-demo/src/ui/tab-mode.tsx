import { signal } from '@preact/signals';
import { TabJam } from '../jam/tab-jam';
import { startTabServer } from '../server/tab-server';
import { Footer } from './footer';
import { Header } from './header';
import { TabView } from './tab-view';

const jam = signal<TabJam | undefined>(undefined);
const trouble = signal('');
let isShown = false;
let starting: Promise<void> | undefined;

/** The jam in this tab starts when it is first shown, and stands still while it is not. */
export function showTab(isNow: boolean): void {
  isShown = isNow;
  if (jam.value) jam.value.clock.isAsleep = !isShown;
  else if (isShown) starting ??= start().finally(() => (starting = undefined));
}

async function start(): Promise<void> {
  trouble.value = '';
  try {
    const made = new TabJam(await startTabServer());
    made.clock.isAsleep = !isShown;
    jam.value = made;
  } catch (error) {
    trouble.value = `The server in this tab did not start: ${(error as Error).message}`;
  }
}

/** Throws the jam away, and starts another one. */
function startAnew(): void {
  const old = jam.value;
  if (!old || starting) return;
  jam.value = undefined;
  starting = old
    .throwAway()
    .catch(() => {})
    .then(start)
    .finally(() => (starting = undefined));
}

/** *This tab*, with its header and footer. */
export function TabPage({ onLive }: { onLive: () => void }) {
  return (
    <>
      <Header onLive={onLive} />
      <main id="main" tabIndex={-1} class="tab">
        {trouble.value && <p class="trouble">{trouble.value}</p>}
        {jam.value && <TabView jam={jam.value} onNew={startAnew} />}
        {!jam.value && !trouble.value && (
          <p class="starting">Starting the server in this tab…</p>
        )}
      </main>
      <Footer />
    </>
  );
}
