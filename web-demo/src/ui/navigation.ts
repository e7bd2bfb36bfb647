import { effect, signal } from '@preact/signals';
import { isSameRoom } from '../device/room-code';
import { LiveJam } from '../jam/live-jam';
import { SeatStore } from '../server/seat-store';
import { acceptInvitations } from './acceptance';
import { invitation, readAddress, readInvitation, showAddress, type Mode } from './address';

type TabMode = typeof import('./tab-mode');

/** Which of the two is shown. Both keep their state while the other one is. */
export const mode = signal<Mode>('live');
export const liveJam = signal<LiveJam | undefined>(undefined);
/** The code of *This tab*, once it is loaded. */
export const tabMode = signal<TabMode | undefined>(undefined);
/** Why that is not loaded. */
export const trouble = signal('');

const seats = new SeatStore();
const noInvitation = { code: '', from: '' };

/** Connects to the server that served the page. */
function enterLive(): void {
  if (liveJam.value) return;
  liveJam.value = new LiveJam(seats);
  acceptInvitations(liveJam.value.device);
}

function choose(next: Mode): void {
  mode.value = next;
  if (next === 'live') enterLive();
  else if (!tabMode.value) void loadTab();
  tabMode.value?.showTab(next === 'tab');
}

async function loadTab(): Promise<void> {
  trouble.value = '';
  try {
    const loaded = await import('./tab-mode');
    tabMode.value = loaded;
    loaded.showTab(mode.value === 'tab');
  } catch {
    trouble.value = 'A part of the page could not be loaded. Reload the page to try again.';
  }
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
export function goTo(next: Mode): void {
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

/** Shows what the address names, and follows it from then on. */
export function start(): void {
  choose(readAddress()?.mode ?? 'live');
  // A reload keeps the seat, whatever was shown.
  if (seats.seat) enterLive();
  let lastCode = '';
  effect(() => {
    const code = sessionCode();
    const isResumed = liveJam.value?.device.session.value?.isResumed;
    // It was accepted, or something else was begun. A seat that is resumed is no answer to another,
    // and neither is the end of a session.
    const isAnother = code !== '' && code !== lastCode;
    if (isAnother && !(isResumed && !isSameRoom(invitation.peek().code, code)))
      invitation.value = noInvitation;
    lastCode = code;
  });
  effect(() => show());
  addEventListener('hashchange', followAddress);
  addEventListener('popstate', followAddress);
}
