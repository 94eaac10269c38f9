// Filters the members by name, pinyin, initials, 大区 or role while typing.
const input = document.querySelector('[data-testid="member-search"]');
const items = [...document.querySelectorAll('[data-search]')];
const sections = [...document.querySelectorAll('.pick-cast, .pick-rest')];
const none = document.querySelector('.pick-none');
const count = document.querySelector('[data-count]');

function filter() {
  const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) {
    item.hidden = !words.every((word) => item.dataset.search.includes(word));
  }
  const shown = items.filter((item) => !item.hidden);
  none.hidden = shown.length > 0;
  const [cast, rest] = sections;
  cast.hidden = !cast.querySelector('li:not([hidden])');
  count.textContent = `${rest.querySelectorAll('li:not([hidden])').length} 人`;
}

input.addEventListener('input', filter);
input.addEventListener('keydown', (event) => {
  const first = items.find((item) => !item.hidden);
  if (event.key === 'Enter' && input.value && first) first.querySelector('a').click();
});
filter();
