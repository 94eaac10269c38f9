// Runs before the first paint, so that a dark page does not flash white.
(() => {
  const chosen = localStorage.getItem('simulator_theme') || 'auto';
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.dataset.size = localStorage.getItem('simulator_size') || '2';
})();
