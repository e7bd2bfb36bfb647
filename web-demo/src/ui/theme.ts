import { signal } from '@preact/signals';

const key = 'downbeat-theme';
const system = matchMedia('(prefers-color-scheme: light)');
const themeNow = () =>
  document.documentElement.dataset.theme ?? (system.matches ? 'light' : 'dark');

export const theme = signal(themeNow());
system.addEventListener('change', () => (theme.value = themeNow()));

export function toggleTheme(): void {
  theme.value = theme.value === 'light' ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme.value;
  try {
    localStorage.setItem(key, theme.value);
  } catch {
    // Without storage the choice holds for this visit only.
  }
}
