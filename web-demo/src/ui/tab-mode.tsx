import { signal } from '@preact/signals';
import { forgetDevices } from '../jam/kept-devices';
import { TabJam } from '../jam/tab-jam';
import { engine } from '../server/engine';
import type { TabJournal } from '../server/tab-journal';
import { makeTabJournal, type Server, startTabServer } from '../server/tab-server';
import { Footer } from './footer';
import { Header } from './header';
import { TabView } from './tab-view';

const jam = signal<TabJam | undefined>(undefined);
const trouble = signal('');
/** What was kept when the server did not start. */
const refused = signal<TabJournal | undefined>(undefined);
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
  refused.value = undefined;
  let journal: TabJournal | undefined;
  let server: Server | undefined;
  try {
    void engine().catch(() => {}); // fetched meanwhile
    journal = await makeTabJournal();
    server = await startTabServer(journal);
    const made = new TabJam({ server, journal });
    made.clock.isAsleep = !isShown;
    jam.value = made;
  } catch (error) {
    await server?.close().catch(() => {});
    trouble.value = `The server in this tab did not start: ${(error as Error).message}`;
    if (journal?.isKept) refused.value = journal;
  }
}

/** Throws the jam away, or what was kept and cannot be played, and starts another one. */
function startAnew(): void {
  const old = jam.value;
  const kept = refused.value;
  if (starting || !(old || kept)) return;
  jam.value = undefined;
  starting = (old ? old.throwAway() : throwAwayKept(kept!))
    .catch(() => {})
    .then(start)
    .finally(() => (starting = undefined));
}

async function throwAwayKept(journal: TabJournal): Promise<void> {
  if (await journal.throwAway()) forgetDevices();
}

/** Why there is no jam, and what to do. */
function Trouble() {
  return (
    <div class="trouble" role="alert">
      <p>{trouble.value}</p>
      {refused.value && <p>It may be what was kept. “New jam” throws that away.</p>}
      <div class="answers">
        <button type="button" onClick={() => showTab(true)}>
          Try again
        </button>
        {refused.value && (
          <button type="button" onClick={startAnew}>
            New jam
          </button>
        )}
      </div>
    </div>
  );
}

/** *This tab*, with its header and footer. */
export function TabPage({ onLive }: { onLive: () => void }) {
  return (
    <>
      <Header onLive={onLive} />
      <main id="main" tabIndex={-1} class="tab">
        {trouble.value && <Trouble />}
        {jam.value && <TabView jam={jam.value} onNew={startAnew} />}
        {!jam.value && !trouble.value && (
          <p class="starting">Starting the server in this tab…</p>
        )}
      </main>
      <Footer />
    </>
  );
}
