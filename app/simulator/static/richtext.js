// Text, markdown and textcard descriptions as WeCom shows them, built from nodes, never from raw HTML.
import { el } from './dom.js';

const LINK = /<a\s[^>]*href=["']([^"']+)["'][^>]*>(.*?)<\/a>|(https?:\/\/[^\s<>"'，。；）]+)/gi;

function link(url, text, open) {
  return el('a', { href: url, onclick: (event) => { event.preventDefault(); open(url); } }, text);
}

export function plain(text, open) {
  const nodes = [];
  let last = 0;
  for (const found of text.matchAll(LINK)) {
    nodes.push(text.slice(last, found.index), link(found[1] ?? found[3], found[2] ?? found[3], open));
    last = found.index + found[0].length;
  }
  return [...nodes, text.slice(last)];
}

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\((https?:\/\/[^)]+)\)|<font color="(info|comment|warning)">(.*?)<\/font>/g;

function inline(text, open) {
  const nodes = [];
  let last = 0;
  for (const [whole, bold, code, label, url, tone, toned] of text.matchAll(INLINE)) {
    const at = text.indexOf(whole, last);
    nodes.push(text.slice(last, at));
    if (bold) nodes.push(el('strong', {}, inline(bold, open)));
    else if (code) nodes.push(el('code', {}, code));
    else if (url) nodes.push(link(url, label, open));
    else nodes.push(el('span', { class: `tone-${tone}` }, inline(toned, open)));
    last = at + whole.length;
  }
  return [...nodes, text.slice(last)];
}

export function markdown(text, open) {
  return text.split('\n').filter((line) => line.trim()).map((line) => {
    const heading = line.match(/^#{1,6}\s+(.*)/);
    if (heading) return el('h2', {}, inline(heading[1], open));
    const quote = line.match(/^>\s?(.*)/);
    if (quote) return el('blockquote', {}, inline(quote[1], open));
    return el('p', {}, inline(line, open));
  });
}

const PIECE = /<div(?:\s+class=["'](gray|highlight|normal)["'])?\s*>([\s\S]*?)<\/div>|<br\s*\/?>/gi;

export function description(text) {
  const nodes = [];
  let last = 0;
  for (const found of text.matchAll(PIECE)) {
    nodes.push(text.slice(last, found.index));
    nodes.push(found[2] === undefined ? el('br') : el('div', { class: (found[1] || 'normal').toLowerCase() }, description(found[2])));
    last = found.index + found[0].length;
  }
  return [...nodes, text.slice(last)];
}
