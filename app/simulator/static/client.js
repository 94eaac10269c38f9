// The phone (and the desktop client): screens, the chat, and news once a second.
import { takePicture } from './camera.js';
import { clock, el, when } from './dom.js';
import { inFlight, startPrefs } from './prefs.js';
import { drawRow, drawTime, summary } from './rows.js';
import { choose, toast } from './sheet.js';
import { makeWebview } from './webview.js';
import { showWorkbench } from './workbench.js';

const device = document.querySelector('[data-client]');
const { userid, home } = device.dataset;
const base = `/phone/${encodeURIComponent(userid)}`;
const list = device.querySelector('[data-chat]');
const scroll = device.querySelector('[data-chat-scroll]');
const webview = makeWebview(device);
const desktop = device.dataset.client === 'desktop';
const known = new Map();
let seq = 0;
let epoch = '';
let state = '';
let now = Date.now() / 1000;
let started = false;
let around = 0;
let hurryUntil = 0;

async function post(path, body) {
  if (inFlight()) { toast('当前网络不可用'); return false; }
  try {
    const answer = await fetch(`${base}/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body ?? {}) });
    if (!answer.ok) toast((await answer.json().catch(() => ({}))).problem || '没有成功，请再试一次');
    return answer.ok;
  } catch {
    toast('连不上替身');
    return false;
  }
}

// The app's update may come at any moment now, so the phone looks more often for a while.
function press(body) {
  hurryUntil = Date.now() + 8000;
  return post('press', body);
}

const act = {
  open: (url) => webview.open(url),
  on: (row) => ({
    open: (url) => webview.open(url),
    press: (key, chosen) => press({ msgid: row.msgid, key, chosen }),
    menu: (key) => press({ msgid: row.msgid, key, menu: true }),
    profile: (id) => toast(`成员 ${id}`),
  }),
};

// ---- screens
const view = () => device.dataset.view;

function go(name) {
  device.dataset.view = name;
  for (const screen of device.querySelectorAll('[data-screen]')) {
    // The desktop client keeps the list beside the open chat.
    const beside = desktop && name === 'chat' && screen.dataset.screen === 'messages';
    screen.hidden = screen.dataset.screen !== name && !beside;
  }
  const tab = name === 'chat' ? 'messages' : name;
  for (const button of device.querySelectorAll('.tabbar [data-go]')) {
    if (button.dataset.go === tab) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
  }
  history.replaceState(null, '', `#${name}`);
  if (name === 'chat') enterChat();
}

function enterChat() {
  scroll.scrollTop = scroll.scrollHeight;
  readAll();
  post('enter');
}

const chatIsSeen = () => view() === 'chat' && !webview.isOpen() && !document.hidden;

function readAll() {
  showUnread(0);
  if (!inFlight()) fetch(`${base}/read?seq=${seq}`, { method: 'POST' });
}

function showUnread(count) {
  for (const badge of device.querySelectorAll('[data-unread]')) {
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? '99+' : count;
  }
}

// ---- news
async function look() {
  if (inFlight()) return;
  const answer = await fetch(`${base}/changes?since=${seq}`);
  if (!answer.ok) return;
  const news = await answer.json();
  // A reset, or a member who left or came back: the whole page is another one.
  if (started && (epoch !== news.epoch || state !== news.state)) { location.reload(); return; }
  ({ seq, now, epoch, state } = news);
  if (!started || news.surroundings !== around) {
    around = news.surroundings;
    showSurroundings();
  }
  const near = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 160;
  const fresh = news.rows.filter((row) => !known.has(row.msgid));
  for (const row of news.rows) place(row);
  if (fresh.length && near) scroll.scrollTop = scroll.scrollHeight;
  if (news.rows.length) showLast();
  if (chatIsSeen() && news.unread) readAll();
  else showUnread(news.unread);
  const incoming = fresh.filter((row) => row.direction === 'app');
  if (started && incoming.length && !chatIsSeen()) showBanner(incoming.at(-1));
  started = true;
}

function place(row) {
  const node = drawRow(row, device, act);
  const old = known.get(row.msgid);
  if (old) {
    node.classList.add('changed');
    old.node.replaceWith(node);
  }
  else {
    const last = [...known.values()].at(-1);
    if (!last || row.at - last.row.at > 300) list.append(drawTime(row.at, now));
    list.append(node);
  }
  known.set(row.msgid, { row, node });
}

function showLast() {
  const last = [...known.values()].at(-1)?.row;
  if (!last) return;
  const text = device.querySelector('[data-last-text]');
  if (!text) return;
  text.textContent = summary(last);
  device.querySelector('[data-last-time]').textContent = when(last.at, now);
}

let bannerTimer;
function showBanner(row) {
  const banner = device.querySelector('[data-banner]');
  banner.querySelector('[data-banner-text]').textContent = summary(row);
  banner.hidden = false;
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(() => { banner.hidden = true; }, 4000);
}

async function keepLooking() {
  try { await look(); } catch { /* the stand-in restarts now and then; the next look finds it */ }
  setTimeout(keepLooking, document.hidden ? 2000 : Date.now() < hurryUntil ? 250 : 700);
}

function tick() {
  const shown = clock(now);
  for (const node of document.querySelectorAll('[data-time]')) node.textContent = shown;
  for (const node of document.querySelectorAll('[data-clock]')) node.textContent = `演示时钟 ${when(now, 0)}`;
}

// ---- the composer
async function showSurroundings() {
  const answer = await fetch(`${base}/surroundings`).catch(() => null);
  if (!answer?.ok) return;
  const { menu, workbench } = await answer.json();
  showMenu(menu);
  showWorkbench(device, workbench, webview.open);
}

function showMenu(menu) {
  const composer = device.querySelector('[data-composer]');
  const host = composer.querySelector('[data-menu]');
  const toggle = composer.querySelector('[data-toggle-menu]');
  const show = (asMenu) => {
    host.hidden = !asMenu;
    composer.querySelector('[data-say]').hidden = asMenu;
    composer.querySelector('[data-location]').hidden = asMenu;
    toggle.querySelector('use').setAttribute('href', asMenu ? '#i-keyboard' : '#i-menu');
  };
  toggle.hidden = !menu;
  toggle.onclick = () => show(host.hidden);
  show(Boolean(menu));
  if (!menu) return;
  host.replaceChildren(...menu.button.map((one) => el('button', { type: 'button', 'data-more': Boolean(one.sub_button?.length), onclick: () => tapMenu(one) }, one.name)));
}

async function tapMenu(button) {
  let chosen = button;
  if (button.sub_button?.length) {
    const at = await choose(button.name, button.sub_button.map((one, id) => ({ id, text: one.name })));
    if (at === null) return;
    chosen = button.sub_button[at];
  }
  if (chosen.type === 'view') webview.open(chosen.url);
  else if (chosen.type !== 'click') { toast('替身里没有扫码、相册和小程序，这一项请在真实的企业微信里试'); return; }
  if (await post('menu', { type: chosen.type, value: chosen.url ?? chosen.key }) && chosen.type === 'click') toast('已提交');
}

const PLACES = [
  { label: '河北省石家庄市长安区中山东路', latitude: 38.047, longitude: 114.531 },
  { label: '四川省成都市高新区天府大道', latitude: 30.547, longitude: 104.064 },
  { label: '新疆乌鲁木齐市天山区解放北路', latitude: 43.794, longitude: 87.628 },
];

function startComposer() {
  device.querySelector('[data-say]').addEventListener('submit', async (event) => {
    event.preventDefault();
    const input = event.target.elements.text;
    const text = input.value.trim();
    if (text && await post('say', { text })) { input.value = ''; look(); }
  });
  device.querySelector('[data-location]').addEventListener('click', async () => {
    const at = await choose('发送哪里的位置？', PLACES.map((one, id) => ({ id, text: one.label })));
    if (at !== null && await post('location', PLACES[at])) look();
  });
}

// ---- start
startPrefs();
for (const button of device.querySelectorAll('[data-go]')) button.addEventListener('click', () => go(button.dataset.go));
for (const button of device.querySelectorAll('[data-open-home]')) button.addEventListener('click', () => webview.open(home));
device.querySelector('[data-banner]').addEventListener('click', (event) => {
  event.currentTarget.hidden = true;
  webview.close();
  go('chat');
});
device.addEventListener('webview-closed', () => { if (view() === 'chat') readAll(); });
startComposer();
document.querySelector('[data-camera]')?.addEventListener('click', async () => {
  toast(`已存到本机：${await takePicture({ name: device.dataset.name, now })}`);
});
go(['messages', 'workbench', 'me', 'chat'].includes(location.hash.slice(1)) ? location.hash.slice(1) : 'messages');
keepLooking();
setInterval(tick, 1000);
setInterval(() => { now += 1; }, 1000);
tick();
