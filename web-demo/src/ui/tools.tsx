import { isMuted, isSilent } from '../music/sound';
import { theme, toggleTheme } from './theme';

export function SoundButton() {
  return (
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
  );
}

export function ThemeButton() {
  return (
    <button type="button" class="quiet" onClick={toggleTheme}>
      {theme.value === 'light' ? 'Dark' : 'Light'}
      <span class="visually-hidden"> theme</span>
    </button>
  );
}
