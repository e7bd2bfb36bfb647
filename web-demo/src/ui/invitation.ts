import { signal } from '@preact/signals';

/** The code in a link such as `/#FUNKY-42`. */
export const invitation = signal(readInvitation());
addEventListener('hashchange', () => (invitation.value = readInvitation()));

export function invitationTo(code: string): string {
  return `${location.origin}${location.pathname}#${code}`;
}

/** Makes the address of the page such a link while a session goes on, so that it can be copied. */
export function showInvitation(code: string | undefined): void {
  const address = code ? `#${code}` : location.pathname;
  history.replaceState(null, '', address);
}

function readInvitation(): string {
  let code = '';
  try {
    code = decodeURIComponent(location.hash.slice(1)).trim();
  } catch {
    // Whatever this link was, it is none of ours.
  }
  return /^[a-z]+[-\s]?\d+$/i.test(code) ? code.toUpperCase() : '';
}
