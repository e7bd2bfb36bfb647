// Before the first paint, so that nothing flashes: the theme that was chosen, if one was.
try {
  const theme = localStorage.getItem('downbeat-theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme it is.
}
