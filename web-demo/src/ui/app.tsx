import { effect, signal } from '@preact/signals';
import { LiveJam } from '../jam/live-jam';
import { isSameRoom } from '../device/room-code';
import { TabJam } from '../jam/tab-jam';
import { SeatStore } from '../server/seat-store';
import { startTabServer } from '../server/tab-server';
import { invitation, readAddress, readInvitation, showAddress, type Mode } from './address';
import { Footer } from './footer';
import { Header } from './header';
import { LiveView } from './live-view';
import { TabView } from './tab-view';

const mode = signal<Mode>('live');
const tabJam = signal<TabJam | undefined>(undefined);
const liveJam = signal<LiveJam | undefined>(undefined);
const trouble = signal('');
const seats = new SeatStore();
let starting: Promise<void> | undefined;

/** Both modes keep their state while the other one is shown; the tab jam stands still meanwhile. */
function choose(next: Mode): void {
  mode.value = next;
  if (next === 'live') liveJam.value ??= new LiveJam(seats);
  else if (!tabJam.value) starting ??= start().finally(() => (starting = undefined));
  if (tabJam.value) tabJam.value.clock.isAsleep = next === 'live';
}

async function start(): Promise<void> {
  trouble.value = '';
  try {
    const made = new TabJam(await startTabServer());
    made.clock.isAsleep = mode.value === 'live';
    tabJam.value = made;
  } catch (error) {
    trouble.value = `The server in this tab did not start: ${(error as Error).message}`;
  }
}

/** Throws the tab jam away, and starts another one. */
function startAnew(): void {
  const old = tabJam.value;
  if (!old || starting) return;
  tabJam.value = undefined;
  starting = old
    .throwAway()
    .catch(() => {})
    .then(start)
    .finally(() => (starting = undefined));
}

/** The code of the session in Live. */
const sessionCode = () => liveJam.value?.device.session.value?.code ?? '';

function show(isNew = false): void {
  const code = sessionCode() || invitation.value.code;
  showAddress({ mode: mode.value, code }, isNew);
  const isLive = mode.value === 'live';
  document.title = isLive && code ? `${code} · Downbeat` : isLive ? 'Downbeat' : 'This tab · Downbeat';
}

/** The user has chosen the other mode, and may want to go back. */
function goTo(next: Mode): void {
  showAddress({ mode: next, code: sessionCode() || invitation.value.code }, true);
  choose(next);
}

/** An address that was typed or a link that was opened while the page is shown. */
function followAddress(): void {
  const asked = readAddress();
  if (asked?.code && !isSameRoom(asked.code, sessionCode())) invitation.value = readInvitation();
  // An address without a code does not end a session: only the buttons do.
  if (asked) {
    if (!asked.code) invitation.value = noInvitation;
    choose(asked.mode);
  }
  show();
}

const noInvitation = { code: '', from: '' };

choose(readAddress()?.mode ?? 'live');
// A reload keeps the seat, whatever was shown.
if (seats.seat) liveJam.value ??= new LiveJam(seats);
let lastCode = '';
effect(() => {
  const code = sessionCode();
  const isResumed = liveJam.value?.device.session.value?.isResumed;
  // It was accepted, or something else was begun. A seat that is resumed is no answer to another, and
  // neither is the end of a session.
  const isAnother = code !== '' && code !== lastCode;
  if (isAnother && !(isResumed && !isSameRoom(invitation.peek().code, code)))
    invitation.value = noInvitation;
  lastCode = code;
});
effect(() => show());
addEventListener('hashchange', followAddress);
addEventListener('popstate', followAddress);

/** Moves the focus without following the link, whose anchor would replace the session's address. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  const main = document.getElementById('main')!;
  main.focus();
  main.scrollIntoView();
}

export function App() {
  const isTab = mode.value === 'tab';
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: without a script it is a link to an anchor */}
      <a class="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      {isTab && <Header onLive={() => goTo('live')} />}
      <main id="main" tabIndex={-1} class={mode.value}>
        {trouble.value && isTab && <p class="trouble">{trouble.value}</p>}
        {isTab && tabJam.value && <TabView jam={tabJam.value} onNew={startAnew} />}
        {isTab && !tabJam.value && !trouble.value && (
          <p class="starting">Starting the server in this tab…</p>
        )}
        {!isTab && liveJam.value && (
          <LiveView live={liveJam.value} onTab={() => goTo('tab')} />
        )}
      </main>
      {isTab && <Footer />}
    </>
  );
}
