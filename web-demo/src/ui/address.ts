import { signal } from '@preact/signals';
import { readRoomCode } from '../device/room-code';

// The address names the view, so that a reload shows it again and a copied address invites others:
// `/` is Live, `/j/FUNKY-42` a session of its, and `/tab/` the jam in this tab. Links of earlier
// versions, such as `/#FUNKY-42`, lead to the same places.

export type Mode = 'tab' | 'live';

export interface Address {
  mode: Mode;
  /** The code of a session, or ''. */
  code: string;
}

/** A link that was opened and has led to no session yet. */
export interface Invitation {
  code: string;
  /** Who invites, as the link says, or ''. */
  from: string;
}

const inSession = /^\/j\/([^/]*)\/?$/;
const longestName = 32;

export const invitation = signal<Invitation>(readInvitation());

/** The mode and code in the address; undefined if the page does not know its hash. */
export function readAddress(): Address | undefined {
  const hash = decode(location.hash.slice(1));
  if (hash === undefined) return undefined;
  if (hash === 'live') return { mode: 'live', code: '' };
  if (hash !== '') {
    const code = readRoomCode(hash);
    return code ? { mode: 'live', code } : undefined;
  }
  if (/^\/tab\/?$/.test(location.pathname)) return { mode: 'tab', code: '' };
  const typed = decode(inSession.exec(location.pathname)?.[1] ?? '');
  return { mode: 'live', code: typed ? readRoomCode(typed) : '' };
}

/** The invitation in the address. */
export function readInvitation(): Invitation {
  const from = new URLSearchParams(location.search).get('from') ?? '';
  return { code: readAddress()?.code ?? '', from: [...from.trim()].slice(0, longestName).join('') };
}

/** Shows this address; as a new entry of the history if the user may want to go back. */
export function showAddress({ mode, code }: Address, isNew = false): void {
  const path = mode === 'tab' ? '/tab/' : code ? `/j/${code}` : '/';
  // What the link says of who invites stays for a reload.
  const search = path === location.pathname && invitation.peek().code ? location.search : '';
  const shown = location.pathname + location.search + location.hash;
  if (shown === path + search) return;
  if (isNew) history.pushState(null, '', path + search);
  else history.replaceState(null, '', path + search);
}

/** The link to a session at one of the server's addresses, by default the page's own. */
export function linkTo(code: string, from: string, origin = location.origin): string {
  return `${origin}/j/${code}${from ? `?from=${encodeURIComponent(from)}` : ''}`;
}

/** Whether only this machine can open the page at its address. */
export const isLoopback =
  /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(location.hostname);

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
