import { isMuted, isSilent } from '../music/sound';
import type { Mode } from './address';
import { theme, toggleTheme } from './theme';

export function Header({ mode, onMode }: { mode: Mode; onMode: (mode: Mode) => void }) {
  const modeButton = (of: Mode, label: string, hint: string) => (
    <button type="button" aria-pressed={mode === of} title={hint} onClick={() => onMode(of)}>
      {label}
    </button>
  );
  return (
    <header class="header">
      <div class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M16 5v19M8 16l8 9 8-9" />
        </svg>
        <span>Downbeat</span>
      </div>
      <div class="segments" role="group" aria-label="Where the server is">
        {modeButton('tab', 'This tab', 'The server runs in this tab; no network is used')}
        {modeButton('live', 'Live', 'The server that served this page')}
      </div>
      <div class="tools">
        <button
          type="button"
          class="quiet"
          aria-pressed={!isMuted.value && !isSilent.value}
          disabled={isSilent.value}
          title={isSilent.value ? 'This browser does not allow this page to play sound' : undefined}
          onClick={() => (isMuted.value = !isMuted.value)}
        >
          {isSilent.value ? 'No sound' : isMuted.value ? 'Sound off' : 'Sound on'}
        </button>
        <button type="button" class="quiet" onClick={toggleTheme}>
          {theme.value === 'light' ? 'Dark' : 'Light'}
          <span class="visually-hidden"> theme</span>
        </button>
      </div>
    </header>
  );
}
