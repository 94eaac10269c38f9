// Theme, text size and flight mode: kept in this browser, shared by its pages.
const MEDIA = matchMedia('(prefers-color-scheme: dark)');
const read = (name, fallback) => localStorage.getItem(`simulator_${name}`) || fallback;

function apply() {
  const theme = read('theme', 'auto');
  const dark = theme === 'dark' || (theme === 'auto' && MEDIA.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.dataset.size = read('size', '2');
  for (const input of document.querySelectorAll('[data-setting="size"]')) input.value = read('size', '2');
  for (const input of document.querySelectorAll('[data-setting="dark"]')) input.checked = dark;
  for (const input of document.querySelectorAll('[data-setting="flight"]')) input.checked = inFlight();
  for (const group of document.querySelectorAll('[data-setting="theme"]')) {
    for (const button of group.querySelectorAll('button')) button.setAttribute('aria-pressed', button.dataset.value === theme);
  }
  for (const node of document.querySelectorAll('[data-offline]')) node.toggleAttribute('hidden', !inFlight());
  for (const node of document.querySelectorAll('[data-online]')) node.toggleAttribute('hidden', inFlight());
  document.dispatchEvent(new CustomEvent('prefs'));
}

function set(name, value) {
  localStorage.setItem(`simulator_${name}`, value);
  apply();
}

// Flight mode belongs to one member's phone, so it lives in the tab and not in the browser.
const FLIGHT = `simulator_flight_${document.querySelector('[data-userid]')?.dataset.userid ?? ''}`;
export const inFlight = () => sessionStorage.getItem(FLIGHT) === '1';

export function startPrefs() {
  document.addEventListener('input', (event) => {
    const { setting } = event.target.dataset;
    if (setting === 'size') set('size', event.target.value);
    if (setting === 'dark') set('theme', event.target.checked ? 'dark' : 'light');
    if (setting === 'flight') {
      sessionStorage.setItem(FLIGHT, event.target.checked ? '1' : '0');
      apply();
    }
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-setting="theme"] button');
    if (button) set('theme', button.dataset.value);
  });
  MEDIA.addEventListener('change', apply);
  window.addEventListener('storage', apply);
  apply();
}
