// The in-app browser: a frame that starts at /open, so the app sees who opens it.
import { el } from './dom.js';
import { inFlight } from './prefs.js';

const OWNER = 'simulator_webview_owner';

export function makeWebview(device) {
  const { userid, app, appOrigin } = device.dataset;
  const host = device.querySelector('[data-webview]');
  const body = host.querySelector('[data-webview-body]');
  const title = host.querySelector('[data-webview-title]');
  const progress = host.querySelector('[data-webview-progress]');
  const veil = host.querySelector('[data-webview-veil]');
  const veilText = host.querySelector('[data-webview-veil-text]');
  const backButton = host.querySelector('[data-webview-back]');
  const me = `${userid}:${Math.random()}`;
  let frame = null;
  let first = '';
  // The pages behind this one, as far as the app tells them; '' where it does not.
  let trail = [];
  let tells = false;
  let goingBack = false;

  const start = (url) => `/open?member=${encodeURIComponent(userid)}&url=${encodeURIComponent(url)}`;

  function open(url) {
    close();
    first = url;
    startOver();
    title.textContent = app;
    host.hidden = false;
    device.dataset.webview = 'open';
    if (inFlight()) return cover('当前网络不可用，打不开页面。', 'flight');
    uncover();
    localStorage.setItem(OWNER, me);
    progress.hidden = false;
    frame = el('iframe', { 'data-testid': 'webview', title: app, allow: 'camera; geolocation', src: start(url) });
    frame.addEventListener('load', () => {
      progress.hidden = true;
      if (!tells) arrived('');
    });
    body.replaceChildren(frame);
    return undefined;
  }

  function startOver() {
    trail = [];
    tells = false;
    goingBack = false;
    backButton.disabled = true;
  }

  // A reload of the same address adds nothing to the tab's history.
  function arrived(href) {
    if (goingBack) trail.pop();
    else if (!href || trail.at(-1) !== href) trail.push(href);
    goingBack = false;
    backButton.disabled = trail.length < 2;
  }

  function close() {
    frame?.remove();
    frame = null;
    host.hidden = true;
    delete device.dataset.webview;
    device.dispatchEvent(new CustomEvent('webview-closed'));
  }

  function back() {
    if (trail.length < 2 || goingBack) return;
    goingBack = true;
    // The frame's pages stand in this tab's history. A page may answer by closing a dialog and stay.
    setTimeout(() => { goingBack = false; }, 1500);
    history.back();
  }

  function refresh() {
    if (!frame) return open(first);
    progress.hidden = false;
    if (trail.at(-1)) {
      // With its fragment the address would only scroll the page.
      const [page] = trail.pop().split('#');
      trail.push(page);
      frame.contentWindow.location.replace(page);
    } else {
      // The address inside a frame of another origin is hidden unless the app tells it: start over.
      startOver();
      frame.src = start(first);
    }
    return undefined;
  }

  function cover(text, why) {
    veilText.textContent = text;
    veil.dataset.why = why;
    veil.hidden = false;
  }

  function uncover() {
    veil.hidden = true;
  }

  host.querySelector('[data-webview-close]').addEventListener('click', close);
  backButton.addEventListener('click', back);
  host.querySelector('[data-webview-refresh]').addEventListener('click', refresh);
  host.querySelector('[data-webview-again]').addEventListener('click', () => open(first));

  // One browser has one session in the app: whoever opened a page last is the one who is signed in.
  window.addEventListener('storage', (event) => {
    if (event.key === OWNER && !host.hidden && !event.newValue.startsWith(`${userid}:`)) {
      cover('另一位成员刚在这个浏览器里打开了应用，这一页的登录已让给他。', 'other');
    }
  });
  // An app may tell its title and address; without that the bar shows the app's name.
  window.addEventListener('message', (event) => {
    if (event.origin !== appOrigin || event.source !== frame?.contentWindow) return;
    const { title: told, href } = event.data ?? {};
    if (typeof told === 'string' && told) title.textContent = told;
    if (typeof href !== 'string' || !href.startsWith(`${appOrigin}/`)) return;
    if (!tells) trail = [];
    tells = true;
    arrived(href);
  });
  document.addEventListener('prefs', () => {
    if (host.hidden) return;
    if (inFlight()) cover('当前网络不可用，请检查网络设置。', 'flight');
    else if (veil.dataset.why !== 'flight') return;
    else if (!frame) open(first);
    else uncover();
  });

  return { open, close, isOpen: () => !host.hidden };
}
