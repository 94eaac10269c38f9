// The app's own place on the workbench: key data, a list, a picture.
import { el, icon } from './dom.js';

export function showWorkbench(device, workbench, open) {
  const host = device.querySelector('[data-workbench]');
  if (!host) return;
  host.replaceChildren(...(workbench ? draw(workbench, device, open) : []));
}

function draw(workbench, device, open) {
  const body = {
    keydata: () => el('div', { class: 'keydata-items' }, ...(workbench.keydata.items ?? []).map((item) => el('button', { type: 'button', class: 'keydata-item', onclick: () => item.jump_url && open(item.jump_url) }, el('strong', {}, String(item.data)), el('span', {}, item.key ?? '')))),
    list: () => el('div', { class: 'keydata-list' }, ...(workbench.list.items ?? []).map((item) => el('button', { type: 'button', onclick: () => item.jump_url && open(item.jump_url) }, item.title))),
    image: () => el('button', { type: 'button', onclick: () => workbench.image.jump_url && open(workbench.image.jump_url) }, el('img', { class: 'keydata-image', src: workbench.image.url, alt: '' })),
    webview: () => el('div', { class: 'keydata-list' }, el('button', { type: 'button', onclick: () => open(workbench.webview.url) }, '打开网页')),
  }[workbench.type];
  if (!body) return [];
  const head = el('button', { type: 'button', class: 'keydata-head', onclick: () => open(device.dataset.home) }, el('img', { src: '/static/app.svg', alt: '', width: '24', height: '24' }), el('span', {}, device.dataset.app), icon('next'));
  return [el('section', { class: 'keydata', 'data-testid': 'workbench-data' }, head, body())];
}
