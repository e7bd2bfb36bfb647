import { render } from 'preact';
import { earlyInvitation } from '../server/early-socket';
import { App } from './app';
import { actOnTaps } from './early-taps';
import { loadTheRest } from './later';
import { liveJam } from './navigation';

/**
 * Draws the page. An invitation comes drawn: its elements stay, with what was typed into them, and
 * what was tapped is done.
 */
export function show(into: HTMLElement): void {
  const device = liveJam.value?.device;
  const early = earlyInvitation();
  early?.stopListening();
  const typed = into.querySelector<HTMLInputElement>('.invitation input')?.value;
  if (device && typed) device.name.value = typed;
  const others = device && early ? actOnTaps(device, early.tapped) : [];
  render(<App />, into);
  document.documentElement.classList.remove('returning');
  for (const button of others) button.click();
  addEventListener('load', afterLoad);
  if (document.readyState === 'complete') afterLoad();
}

function afterLoad(): void {
  removeEventListener('load', afterLoad);
  void loadTheRest();
  // So that the page opens without a network too, once it has been seen.
  if (import.meta.env.PROD && 'serviceWorker' in navigator)
    void navigator.serviceWorker.register('/offline.js').catch(() => {});
}
