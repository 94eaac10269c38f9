// The director's desk: lists that follow along, and levers that answer at once.
import { el } from './dom.js';

const $ = (selector) => document.querySelector(selector);
const TIME = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const FULL = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', month: 'numeric', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const STATES = { waiting: '等待', retrying: '将重试', done: '已送达', failed: '失败' };
let ahead = 0;
let offset = 0;

async function post(path, body = {}) {
  const answer = await fetch(`/desk/${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) toast(told.problem || '没有成功');
  return answer.ok ? told : null;
}

let toastTimer;
function toast(text) {
  const node = $('[data-toast]');
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, 2400);
}

// ---- tabs
function show(name) {
  for (const tab of document.querySelectorAll('[data-tab]')) tab.setAttribute('aria-selected', tab.dataset.tab === name);
  for (const panel of document.querySelectorAll('[data-panel]')) panel.hidden = panel.dataset.panel !== name;
  history.replaceState(null, '', `#${name}`);
  if (name === 'faults') showFaults();
  if (name === 'callbacks') showCallbacks();
}
const current = () => $('[data-tab][aria-selected="true"]')?.dataset.tab;
for (const tab of document.querySelectorAll('[data-tab]')) tab.addEventListener('click', () => show(tab.dataset.tab));

// ---- lists
const pretty = (value) => (value === null || value === '' ? '（空）' : typeof value === 'string' ? value : JSON.stringify(value, null, 2));
const block = (title, value) => el('div', {}, el('h3', {}, title), el('pre', {}, pretty(value)));

function line(at, name, gist, verdict, kind, details) {
  const item = el('li');
  const open = el('button', { type: 'button', class: 'desk-line', 'aria-expanded': 'false' },
    el('time', {}, TIME.format(at * 1000)), el('span', { class: 'name' }, name), el('span', { class: 'gist' }, gist), el('span', { class: `verdict ${kind}` }, verdict));
  open.addEventListener('click', () => {
    const shown = item.querySelector('.desk-detail');
    if (shown) shown.remove(); else item.append(el('div', { class: 'desk-detail' }, ...details()));
    open.setAttribute('aria-expanded', String(!shown));
  });
  item.append(open);
  return item;
}

// Names say more than userids, both in the lists and in the search.
const names = new Map([...document.querySelectorAll('.desk-members a')].map((link) => [link.dataset.userid.toLowerCase(), link.textContent]));
const idOf = new Map([...names].map(([userid, name]) => [name, userid]));
const nameOf = (userid) => names.get(String(userid).toLowerCase()) ?? userid;
function people(ids) {
  const shown = ids.slice(0, 3).map(nameOf).join('、');
  return ids.length > 3 ? `${shown} 等 ${ids.length} 人` : shown;
}

function gistOf(call) {
  const body = call.body && typeof call.body === 'object' ? call.body : {};
  const card = body.template_card ?? {};
  const figures = (body.data ?? body).keydata?.items?.map((one) => `${one.key ?? ''} ${one.data}`).join('，');
  const buttons = Array.isArray(body.button) ? body.button.map((one) => one.name).join('，') : body.button?.replace_name;
  const text = body.text?.content ?? body.markdown?.content ?? body.textcard?.title ?? card.main_title?.title ?? card.sub_title_text ?? figures ?? buttons ?? body.msgid ?? '';
  const who = people([body.touser?.split('|') ?? body.userids ?? body.userid_list ?? body.userid ?? []].flat());
  const asked = Object.entries(call.query).filter(([name]) => !['access_token', 'corpsecret', 'corpid'].includes(name)).map(([name, value]) => `${name}=${value}`);
  return [who, card.card_type ?? body.msgtype, text, ...asked].filter(Boolean).join(' · ') || '—';
}

function callLine(call) {
  const failed = call.errcode !== 0;
  const partly = !failed && (call.note || call.answer?.invaliduser?.length || call.answer?.unlicenseduser);
  const verdict = call.errcode === null ? `HTTP ${call.status}` : failed ? `${call.errcode} ${call.meaning}` : partly ? '成功，有提示' : '成功';
  return line(call.at, call.api, gistOf(call), verdict, failed ? 'bad' : partly ? 'partly' : '', () => [
    block(`${call.method} ${call.api} · 请求`, call.body ?? call.query), block(`应答 · ${(call.took * 1000).toFixed(1)} 毫秒`, call.answer),
    call.note ? el('p', { class: 'notes' }, call.note) : '',
  ]);
}

function wanted() {
  const typed = $('[data-calls-q]').value.trim();
  return idOf.get(typed) ?? typed;
}

let lastCall = 0;
let epoch = '';
let shownCalls = 0;
async function showCalls(fresh) {
  if (fresh) { lastCall = 0; shownCalls = 0; $('[data-calls]').replaceChildren(); }
  const asked = new URLSearchParams({
    since: lastCall, q: wanted(), api: $('[data-calls-api]').value, failed: $('[data-calls-failed]').checked ? '1' : '', limit: fresh ? 200 : 500,
  });
  const told = await (await fetch(`/desk/calls.json?${asked}`)).json();
  if (epoch && told.epoch !== epoch) { location.reload(); return; }
  epoch = told.epoch;
  setClock(told.clock);
  for (const call of told.calls) {
    $('[data-calls]').prepend(callLine(call));
    lastCall = Math.max(lastCall, call.id);
  }
  shownCalls += told.calls.length;
  while ($('[data-calls]').children.length > 400) $('[data-calls]').lastElementChild.remove();
  $('[data-calls-none]').hidden = shownCalls > 0;
  $('[data-calls-count]').textContent = shownCalls ? `${shownCalls} 次` : '';
}

async function showCallbacks() {
  const { callbacks } = await (await fetch('/desk/callbacks.json')).json();
  const host = $('[data-callbacks]');
  if (host.querySelector('[aria-expanded="true"]')) return;
  host.replaceChildren(...callbacks.reverse().map((one) => line(one.at, one.event, [nameOf(one.userid), one.plain.match(/<(?:EventKey|Content|ChangeType|Label)><!\[CDATA\[(.*?)\]\]/)?.[1]].filter(Boolean).join(' · '), `${STATES[one.state] ?? one.state}${one.tries > 1 ? `，${one.tries} 次` : ''}`, one.state === 'failed' ? 'bad' : one.state === 'done' ? '' : 'partly', () => [
    block('明文', one.plain.replace(/(<\/\w+>|<xml>)(?=<)/g, '$1\n')),
    el('div', {}, el('h3', {}, '应用的应答'), el('pre', {}, one.answer || '（还没有）'), el('button', { type: 'button', class: 'plain-button', onclick: async () => { await post('replay', { id: one.id, times: 3 }); toast('同样的内容已再发三次'); } }, '原样重放三次')),
  ])));
  $('[data-callbacks-none]').hidden = callbacks.length > 0;
}
$('[data-event-form]').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { sample, userid } = event.target.elements;
  const told = await post('event', { sample: sample.value, userid: userid.value });
  if (told) toast(told.id === null ? '应用没有配置回调 URL，没有发' : '已发出');
  showCallbacks();
});

// ---- faults, switches, members
async function showFaults() {
  const { faults, seed } = await (await fetch('/desk/state.json')).json();
  if (document.activeElement !== $('[data-seed-form]').elements.seed) $('[data-seed-form]').elements.seed.value = seed;
  const kinds = Object.fromEntries([...$('[data-fault-form]').elements.kind.options].map((one) => [one.value, one.textContent]));
  $('[data-faults]').replaceChildren(...faults.map((one) => el('li', {},
    el('span', {}, `${kinds[one.kind] ?? `错误码 ${one.kind}`} · ${one.api === '*' ? '全部接口' : one.api} · ${Math.round(one.rate * 100)}%${one.remaining ? ` · 还有 ${one.remaining} 次` : ''}`),
    el('button', { type: 'button', class: 'plain-button', onclick: async () => { await post('fault/clear', { id: one.id }); showFaults(); } }, '停止'))));
  $('[data-faults-none]').hidden = faults.length > 0;
  $('[data-faults-clear]').hidden = faults.length === 0;
}
$('[data-fault-form]').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { kind, code, api, rate, remaining } = event.target.elements;
  if (await post('fault', { kind: code.value || kind.value, api: api.value, rate: rate.value / 100, remaining: remaining.value || null })) showFaults();
});
$('[data-seed-form]').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { seed } = event.target.elements;
  if (await post('seed', { seed: seed.value })) toast(`从种子 ${seed.value} 重新开始`);
});
$('[data-revoke]').addEventListener('click', async () => { if (await post('tokens/revoke')) toast('都失效了，再用会得到 40014'); });
$('[data-faults-clear]').addEventListener('click', async () => { await post('fault/clear'); showFaults(); });

document.addEventListener('change', async (event) => {
  const { switch: name, member } = event.target.dataset;
  if (name) {
    const value = event.target.type === 'checkbox' ? event.target.checked : event.target.value;
    if (await post('switch', { name, value })) toast('已生效');
  }
  if (member && await post('member', { userid: member, state: event.target.value })) {
    event.target.closest('li').dataset.state = event.target.value;
    toast('已生效');
  }
});
function filterMembers() {
  const word = $('[data-members-q]').value.trim().toLowerCase();
  const odd = $('[data-members-odd]').checked;
  for (const item of document.querySelectorAll('.desk-members li')) item.hidden = !item.dataset.search.includes(word) || (odd && item.dataset.state === 'active');
}
$('[data-members-q]').addEventListener('input', filterMembers);
$('[data-members-odd]').addEventListener('change', filterMembers);

// ---- clock and reset
function setClock(clock) {
  ahead = clock.now - Date.now() / 1000;
  offset = clock.offset;
  tick();
}
function duration(seconds) {
  const [days, rest] = [Math.trunc(seconds / 86400), seconds % 86400];
  return [days ? `${days} 天` : '', Math.trunc(rest / 3600) ? `${Math.trunc(rest / 3600)} 小时` : '', Math.trunc((rest % 3600) / 60) ? `${Math.trunc((rest % 3600) / 60)} 分` : ''].filter(Boolean).join(' ') || `${seconds} 秒`;
}
function tick() {
  $('[data-now]').textContent = FULL.format(Date.now() + ahead * 1000).replace(/(周.)/, ' $1');
  $('[data-offset]').hidden = offset === 0;
  $('[data-offset]').textContent = `快 ${duration(offset)}`;
}
async function forward(seconds) {
  const told = await post('clock', { forward: seconds });
  if (told) { setClock(told); toast(`时钟快进了 ${duration(seconds)}`); }
  $('.desk-pop').open = false;
}
for (const button of document.querySelectorAll('[data-forward]')) button.addEventListener('click', () => forward(Number(button.dataset.forward)));
$('[data-forward-form]').addEventListener('submit', (event) => { event.preventDefault(); forward(Number(event.target.elements.minutes.value || 0) * 60); });
$('[data-real-time]').addEventListener('click', async () => { setClock(await post('clock', { offset: 0 })); $('.desk-pop').open = false; });
$('[data-reset]').addEventListener('click', async () => {
  if (confirm('消息、调用记录、故障、开关和成员状态都会清空，时钟不变。继续吗？') && await post('reset')) location.reload();
});
$('[data-verify]').addEventListener('click', async () => {
  $('[data-verify-said]').textContent = '正在验证…';
  $('[data-verify-said]').textContent = (await post('verify-url'))?.said ?? '没有成功';
});

let typing;
$('[data-calls-q]').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(() => showCalls(true), 250); });
for (const filter of [$('[data-calls-api]'), $('[data-calls-failed]')]) filter.addEventListener('change', () => showCalls(true));

async function follow() {
  try {
    await showCalls(false);
    if (current() === 'callbacks') await showCallbacks();
  } catch { /* the stand-in restarts now and then */ }
  setTimeout(follow, document.hidden ? 4000 : 1000);
}
show(document.querySelector(`[data-tab="${location.hash.slice(1)}"]`) ? location.hash.slice(1) : 'calls');
showCalls(true).then(() => setTimeout(follow, 1000));
setInterval(tick, 1000);
