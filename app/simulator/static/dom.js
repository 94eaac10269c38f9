// Small helpers for building elements without HTML strings.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value === 'boolean') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

export function cut(text, most) {
  const letters = [...String(text ?? '')];
  return letters.length > most ? `${letters.slice(0, most).join('')}…` : letters.join('');
}

const SHANGHAI = { timeZone: 'Asia/Shanghai', hour12: false };
const part = (options) => new Intl.DateTimeFormat('zh-CN', { ...SHANGHAI, ...options });
const CLOCK = part({ hour: '2-digit', minute: '2-digit' });
const DAY = part({ month: 'numeric', day: 'numeric' });
const WHOLE = part({ year: 'numeric', month: 'numeric', day: 'numeric' });

export const clock = (seconds) => CLOCK.format(seconds * 1000);

export function when(seconds, now) {
  if (WHOLE.format(seconds * 1000) === WHOLE.format(now * 1000)) return clock(seconds);
  if (WHOLE.format(seconds * 1000) === WHOLE.format((now - 86400) * 1000)) return `昨天 ${clock(seconds)}`;
  return `${DAY.format(seconds * 1000)} ${clock(seconds)}`;
}
