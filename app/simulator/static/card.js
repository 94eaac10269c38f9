// Draws the five template cards: same fields, same order, same truncation as WeCom.
import { cut, el, icon } from './dom.js';
import { choose, toast } from './sheet.js';

// Which parts a kind has; WeCom passes over all others.
const NOTICE = ['action_menu', 'quote_area', 'horizontal_content_list', 'card_action'];
const PARTS = {
  text_notice: [...NOTICE, 'emphasis_content', 'sub_title_text', 'jump_list'],
  news_notice: [...NOTICE, 'card_image', 'image_text_area', 'vertical_content_list', 'jump_list'],
  button_interaction: [...NOTICE, 'sub_title_text', 'button_selection', 'button_list'],
  vote_interaction: ['checkbox', 'submit_button'],
  multiple_interaction: ['select_list', 'submit_button'],
};
const ALWAYS = ['card_type', 'source', 'main_title', 'replace_text'];

// How long a pressed card waits for the app to change it before it can be used again.
const PATIENCE = 8000;

// `act` offers open(url), press(key, chosen), menu(key); state is {button, replaced}.
export function templateCard(content, state, act) {
  const shown = [...ALWAYS, ...(PARTS[content.card_type] ?? [])];
  const card = Object.fromEntries(Object.entries(content).filter(([name]) => shown.includes(name)));
  const chosen = new Map();
  const press = (key) => act.press(key, Object.fromEntries(chosen));
  const target = card.card_action;
  const openable = target?.type === 1;
  const node = el('article', { class: 'card', 'data-card': card.card_type, 'data-openable': openable });
  node.append(
    ...source(card.source),
    ...menu(card.action_menu, act),
    ...title(card),
    ...emphasis(card.emphasis_content),
    ...textArea(card.image_text_area, act),
    ...picture(card.card_image),
    ...quote(card.quote_area, act),
    ...subTitle(card.sub_title_text),
    ...vertical(card.vertical_content_list),
    ...facts(card.horizontal_content_list, act),
    ...selections(card, state, chosen),
    ...options(card, state, chosen),
    ...buttons(card, state, press, act),
    ...jumps(card.jump_list, act),
  );
  if (openable) {
    node.addEventListener('click', (event) => {
      if (!event.target.closest('button, label, a, input')) act.open(target.url);
    });
  }
  return node;
}

function source(value) {
  if (!value?.desc && !value?.icon_url) return [];
  const image = value.icon_url ? el('img', { src: value.icon_url, alt: '' }) : null;
  image?.addEventListener('error', () => image.remove());
  return [el('p', { class: 'card-source', 'data-color': value.desc_color ?? 0 }, image, el('span', {}, cut(value.desc, 20)))];
}

function menu(value, act) {
  if (!value?.action_list?.length) return [];
  const pick = async (event) => {
    const node = event.currentTarget;
    const key = await choose(value.desc || '', value.action_list.map(({ key: id, text }) => ({ id, text })));
    if (!key) return;
    node.toggleAttribute('data-busy', true);
    if (await act.menu(key)) toast('已提交');
    node.toggleAttribute('data-busy', false);
  };
  return [el('button', { type: 'button', class: 'card-more', 'aria-label': value.desc || '更多操作', onclick: pick }, icon('more'))];
}

function title(card) {
  const main = card.main_title ?? {};
  const vote = card.card_type === 'vote_interaction';
  const wide = vote || card.card_type === 'multiple_interaction';
  return [
    main.title ? el('h2', { class: 'card-title' }, cut(main.title, vote ? 16 : 36)) : null,
    main.desc ? el('p', { class: 'card-desc' }, cut(main.desc, wide ? 160 : 44)) : null,
  ].filter(Boolean);
}

function emphasis(value) {
  if (!value?.title && !value?.desc) return [];
  return [el('div', { class: 'card-emphasis' }, el('strong', {}, cut(value.title, 14)), el('span', {}, cut(value.desc, 22)))];
}

const subTitle = (text) => (text ? [el('p', { class: 'card-sub' }, cut(text, 160))] : []);

function quote(value, act) {
  if (!value?.title && !value?.quote_text) return [];
  const body = [value.title ? el('strong', {}, value.title) : null, value.quote_text ?? ''];
  if (value.type === 1) return [el('button', { type: 'button', class: 'card-quote', onclick: () => act.open(value.url) }, ...body)];
  return [el('div', { class: 'card-quote' }, ...body)];
}

function picture(value) {
  if (!value?.url) return [];
  const image = el('img', { class: 'card-image', src: value.url, alt: '' });
  image.style.aspectRatio = String(value.aspect_ratio || 1.3);
  return [image];
}

function textArea(value, act) {
  if (!value?.image_url) return [];
  const body = [
    el('div', {}, value.title ? el('p', { class: 'card-title' }, value.title) : null, value.desc ? el('p', { class: 'card-desc' }, value.desc) : null),
    el('img', { src: value.image_url, alt: '' }),
  ];
  if (value.type === 1) return [el('button', { type: 'button', class: 'card-text-area', onclick: () => act.open(value.url) }, ...body)];
  return [el('div', { class: 'card-text-area' }, ...body)];
}

function vertical(rows) {
  if (!rows?.length) return [];
  return [el('dl', { class: 'card-vertical' }, ...rows.map((row) => el('div', {}, el('dt', {}, cut(row.title, 38)), row.desc ? el('dd', {}, cut(row.desc, 160)) : null)))];
}

function facts(rows, act) {
  if (!rows?.length) return [];
  const value = (row) => {
    const text = cut(row.value ?? '', 30);
    if (row.type === 1) return el('button', { type: 'button', class: 'card-link', onclick: () => act.open(row.url) }, text);
    if (row.type === 2) return el('a', { class: 'card-link', href: `/media/${encodeURIComponent(row.media_id)}`, target: '_blank' }, text || '文件');
    if (row.type === 3) return el('button', { type: 'button', class: 'card-link', onclick: () => act.profile(row.userid) }, text || row.userid);
    return text;
  };
  return [el('dl', { class: 'card-facts' }, ...rows.map((row) => el('div', {}, el('dt', {}, cut(row.keyname, 5)), el('dd', {}, value(row)))))];
}

function selections(card, state, chosen) {
  const lists = card.card_type === 'multiple_interaction' ? card.select_list : card.button_selection ? [card.button_selection] : [];
  return (lists ?? []).map((list) => {
    const start = list.selected_id || list.option_list[0].id;
    const name = (id) => cut(list.option_list.find((one) => one.id === id)?.text, 16);
    const shown = el('span', {}, name(start));
    chosen.set(list.question_key, [start]);
    const pick = async () => {
      const id = await choose(list.title || '请选择', list.option_list, { chosen: chosen.get(list.question_key)[0] });
      if (id === null) return;
      chosen.set(list.question_key, [id]);
      shown.textContent = name(id);
    };
    const off = Boolean(list.disable || greyed(card, state));
    return el('button', { type: 'button', class: 'card-select', disabled: off, onclick: pick }, el('span', {}, cut(list.title || '请选择', 13)), shown, icon('next'));
  });
}

function options(card, state, chosen) {
  const box = card.checkbox;
  if (!box?.option_list?.length) return [];
  const off = Boolean(box.disable || greyed(card, state));
  const inputs = box.option_list.map((option) => el('input', {
    type: box.mode === 1 ? 'checkbox' : 'radio', name: `${state.msgid}-${box.question_key}`, value: option.id, checked: option.is_checked === true, disabled: off,
  }));
  const note = () => chosen.set(box.question_key, inputs.filter((one) => one.checked).map((one) => one.value));
  inputs.forEach((one) => one.addEventListener('change', note));
  note();
  return [el('div', { class: 'card-options', role: 'group' }, ...box.option_list.map((option, at) => el('label', {}, inputs[at], el('span', {}, cut(option.text, 17)))))];
}

// The one grey word that took the place of the buttons, if any.
const greyed = (card, state) => state.button || card.replace_text;

function buttons(card, state, press, act) {
  const grey = greyed(card, state);
  if (card.submit_button) {
    if (grey) return [el('button', { type: 'button', class: 'card-button wide', disabled: true }, cut(grey, 10))];
    return [button(card.submit_button.text, 1, 'card-button wide', (node) => pressed(node, () => press(card.submit_button.key)))];
  }
  if (!card.button_list?.length) return [];
  if (grey) {
    return [el('div', { class: 'card-buttons', 'data-count': 1 }, el('button', { type: 'button', class: 'card-button', disabled: true }, cut(grey, 10)))];
  }
  const all = card.button_list.map((one) => {
    const style = [1, 2, 3, 4].includes(one.style) ? one.style : 1;
    return button(one.text, style, 'card-button', one.type === 1 ? () => act.open(one.url) : (node) => pressed(node, () => press(one.key)));
  });
  return [el('div', { class: 'card-buttons', 'data-count': all.length }, ...all)];
}

function button(text, style, classes, act) {
  const node = el('button', { type: 'button', class: classes, 'data-style': style }, cut(text, 10));
  node.addEventListener('click', () => act(node));
  return node;
}

// The whole card is busy until the app's update draws it anew; without one it can be used again.
async function pressed(node, act) {
  const card = node.closest('.card');
  if (card.dataset.busy !== undefined) return;
  const locked = [...card.querySelectorAll('.card-buttons button, .card-button, .card-select, .card-options input')];
  const lock = (on) => {
    card.toggleAttribute('data-busy', on);
    card.setAttribute('aria-busy', String(on));
    node.toggleAttribute('data-busy', on);
    for (const one of locked) one.disabled = on;
  };
  lock(true);
  if (!await act()) lock(false);
  else setTimeout(() => lock(false), PATIENCE);
}

function jumps(rows, act) {
  if (!rows?.length) return [];
  return [el('div', { class: 'card-jumps' }, ...rows.map((row) => el('button', { type: 'button', onclick: () => row.type === 1 && act.open(row.url) }, cut(row.title, 18), icon('next'))))];
}
