import { LiveView } from './live-view';
import { goTo, liveJam, mode, tabMode, trouble } from './navigation';

/** Moves the focus without following the link, whose anchor would replace the session's address. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  const main = document.getElementById('main')!;
  main.focus();
  main.scrollIntoView();
}

export function App() {
  const isTab = mode.value === 'tab';
  const TabPage = tabMode.value?.TabPage;
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: without a script it is a link to an anchor */}
      <a class="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      {isTab && TabPage && <TabPage onLive={() => goTo('live')} />}
      {isTab && !TabPage && (
        <main id="main" tabIndex={-1} class="tab">
          {trouble.value ? (
            <p class="trouble">{trouble.value}</p>
          ) : (
            <p class="starting">Starting the server in this tab…</p>
          )}
        </main>
      )}
      {!isTab && liveJam.value && (
        <main id="main" tabIndex={-1} class="live">
          <LiveView live={liveJam.value} onTab={() => goTo('tab')} />
        </main>
      )}
    </>
  );
}
