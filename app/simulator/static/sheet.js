// The sheet that slides up from below, and the short word in the middle.
import { el } from './dom.js';

const back = () => document.querySelector('[data-sheet]');

export function choose(title, options, { chosen } = {}) {
  return new Promise((resolve) => {
    const host = back();
    const sheet = host.querySelector('.sheet');
    const before = document.activeElement;
    const done = (value) => {
      host.hidden = true;
      host.onclick = null;
      document.removeEventListener('keydown', onKey);
      before?.focus?.({ preventScroll: true });
      resolve(value);
    };
    const onKey = (event) => { if (event.key === 'Escape') done(null); };
    sheet.replaceChildren(
      title ? el('h2', {}, title) : '',
      ...options.map(({ id, text }) => el('button', {
        type: 'button', 'aria-checked': chosen === undefined ? null : String(id === chosen), onclick: () => done(id),
      }, text)),
      el('button', { type: 'button', class: 'sheet-cancel', onclick: () => done(null) }, '取消'),
    );
    host.onclick = (event) => { if (event.target === host) done(null); };
    document.addEventListener('keydown', onKey);
    host.hidden = false;
    sheet.querySelector('button').focus({ preventScroll: true });
  });
}

let timer;
export function toast(text) {
  const node = document.querySelector('[data-toast]');
  node.textContent = text;
  node.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { node.hidden = true; }, 2200);
}
