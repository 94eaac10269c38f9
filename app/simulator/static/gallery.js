// Draws every sample with the phone's own code.
import { el } from './dom.js';
import { startPrefs } from './prefs.js';
import { drawRow } from './rows.js';
import { SAMPLES } from './samples.js';
import { toast } from './sheet.js';

const host = document.querySelector('[data-gallery]');
const nothing = {
  open: () => toast('打开页面'),
  press: async () => toast('按下按钮'),
  menu: () => toast('选了菜单'),
  profile: (id) => toast(`成员 ${id}`),
};
// A press that never ends shows what a busy card looks like.
const forever = { ...nothing, press: () => new Promise(() => {}) };
startPrefs();
host.append(...SAMPLES.map(([title, row], at) => el(
  'section', { class: 'gallery-item', 'data-sample': title },
  el('h2', {}, title),
  el('ol', {}, drawRow({ msgid: `sample-${at}`, direction: 'app', ...row }, host, { open: nothing.open, on: () => (row.pressed ? forever : nothing) })),
)));
for (const [at, [, row]] of SAMPLES.entries()) {
  if (row.pressed) [...host.children[at].querySelectorAll('.card-button')].find((one) => one.textContent === row.pressed).click();
}
