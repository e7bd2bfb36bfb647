import { Brand } from './brand';
import { SoundButton, ThemeButton } from './tools';

/** The header of *This tab*. */
export function Header({ onLive }: { onLive: () => void }) {
  return (
    <header class="header">
      <Brand />
      <div class="segments" role="group" aria-label="Where the server is">
        <button type="button" aria-pressed={true} title="The server runs in this tab; no network is used">
          This tab
        </button>
        <button
          type="button"
          aria-pressed={false}
          title="The server that served this page"
          onClick={onLive}
        >
          Live
        </button>
      </div>
      <div class="tools">
        <SoundButton />
        <ThemeButton />
      </div>
    </header>
  );
}
