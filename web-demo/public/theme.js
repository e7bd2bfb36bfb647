// Sets the chosen theme, if any, before the first paint, so that the page does not flash.
try {
  const theme = localStorage.getItem('downbeat-theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the page uses the system's theme.
}
