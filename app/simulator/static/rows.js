// One line of the chat for every kind of message.
import { cut, el, icon, when } from './dom.js';
import { templateCard } from './card.js';
import { description, markdown, plain } from './richtext.js';

const MEDIA = (id) => `/media/${encodeURIComponent(id)}`;

export function drawRow(row, device, act) {
  if (row.recalled) return el('li', { class: 'chat-line', 'data-testid': 'message', 'data-msgid': row.msgid, 'data-recalled': '' }, '应用撤回了一条消息');
  const own = row.direction === 'member';
  return el(
    'li',
    { class: `chat-row${own ? ' own' : ''}`, 'data-testid': 'message', 'data-msgid': row.msgid, 'data-msgtype': row.msgtype },
    own ? el('span', { class: 'avatar', 'data-tint': device.dataset.tint, 'aria-hidden': 'true' }, device.dataset.name.slice(-2)) : el('span', { class: 'avatar app-avatar' }, el('img', { src: '/static/app.svg', alt: '' })),
    body(row, act),
  );
}

function body(row, act) {
  const { content } = row;
  const draw = {
    text: () => el('div', { class: 'bubble' }, plain(content.content, act.open)),
    markdown: () => el('div', { class: 'bubble markdown' }, markdown(content.content, act.open)),
    textcard: () => textcard(content, act),
    template_card: () => templateCard(content, { button: row.button, msgid: row.msgid }, act.on(row)),
    image: () => el('div', { class: 'bubble media' }, el('img', { src: content.src ?? MEDIA(content.media_id), alt: content.filename })),
    location: () => el('div', { class: 'bubble place' }, icon('pin'), el('span', {}, content.label)),
  };
  return (draw[row.msgtype] ?? (() => file(content)))();
}

function file(content) {
  return el('a', { class: 'bubble file', href: MEDIA(content.media_id), target: '_blank' }, icon('file'), el('span', {}, content.filename));
}

function textcard(content, act) {
  return el(
    'article',
    { class: 'card textcard', 'data-openable': true, onclick: () => act.open(content.url) },
    el('h2', { class: 'card-title' }, content.title),
    el('div', { class: 'textcard-body' }, description(content.description)),
    el('div', { class: 'textcard-more' }, el('span', {}, content.btntxt), icon('next')),
  );
}

export function summary(row) {
  const { content } = row;
  if (row.recalled) return '应用撤回了一条消息';
  if (row.msgtype === 'template_card') return content.main_title?.title || content.sub_title_text || '[卡片]';
  if (row.msgtype === 'textcard') return content.title;
  if (row.msgtype === 'image') return '[图片]';
  if (row.msgtype === 'location') return `[位置] ${content.label}`;
  if (content.filename) return `[文件] ${content.filename}`;
  return cut((content.content ?? '').replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/<[^>]+>|[*#>`]/g, ''), 60);
}

export function drawTime(seconds, now) {
  return el('li', { class: 'chat-time' }, when(seconds, now));
}
