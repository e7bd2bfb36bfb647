import { signal } from '@preact/signals';
import { readRoomCode } from '../device/room-code';

// The address names the view, so that a reload shows it again and a copied address invites others:
// `/` is the jam in this tab, `/#live` the server's page, and `/#FUNKY-42` a session of its.

export type Mode = 'tab' | 'live';

export interface Address {
  mode: Mode;
  /** The code of a session, or ''. */
  code: string;
}

/** The code of a link that was opened and has led to no session yet, or ''. */
export const invitation = signal(readAddress()?.code ?? '');

/** The mode and code in the address; undefined if the page does not know its hash. */
export function readAddress(): Address | undefined {
  const hash = decode(location.hash.slice(1));
  if (hash === undefined) return undefined;
  if (hash === '') return { mode: 'tab', code: '' };
  if (hash === 'live') return { mode: 'live', code: '' };
  const code = readRoomCode(hash);
  return code ? { mode: 'live', code } : undefined;
}

export function showAddress({ mode, code }: Address): void {
  const hash = mode === 'live' ? `#${code || 'live'}` : '';
  if (location.hash !== hash) history.replaceState(null, '', location.pathname + hash);
}

export function linkTo(code: string): string {
  return `${location.origin}${location.pathname}#${code}`;
}

/** Whether only this machine can open the page at its address. */
export const isLoopback =
  /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(location.hostname);

function decode(hash: string): string | undefined {
  try {
    return decodeURIComponent(hash);
  } catch {
    return undefined;
  }
}
