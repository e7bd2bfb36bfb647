import { render } from 'preact-render-to-string';
import { App } from './ui/app';
import { liveJam, start } from './ui/navigation';

/** What an invitation shows until the page's scripts are there. Only the build of the page asks for it. */
export function invitationMarkup(): string {
  start();
  // Each visitor has another name; with none at all the button would wait for one.
  const name = 'Somebody';
  liveJam.value!.device.name.value = name;
  return render(<App />).replace(` value="${name}"`, '');
}
