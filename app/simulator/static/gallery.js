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
startPrefs();
host.append(...SAMPLES.map(([title, row], at) => el(
  'section', { class: 'gallery-item', 'data-sample': title },
  el('h2', {}, title),
  el('ol', {}, drawRow({ msgid: `sample-${at}`, direction: 'app', ...row }, host, { open: nothing.open, on: () => nothing })),
)));
