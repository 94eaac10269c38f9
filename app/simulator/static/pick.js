// Filters the members by what is typed (name, pinyin, initials, role, 大区) and by the two choices beside it.
const input = document.querySelector('[data-testid="member-search"]');
const items = [...document.querySelectorAll('[data-search]')];
const sections = [...document.querySelectorAll('.pick-cast, .pick-rest')];
const choices = [...document.querySelectorAll('[data-filter]')];
const none = document.querySelector('.pick-none');
const count = document.querySelector('[data-count]');

function filter() {
  const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) {
    const chosen = choices.every(({ value, dataset }) => !value || item.dataset[dataset.filter].split('、').includes(value));
    item.hidden = !chosen || !words.every((word) => item.dataset.search.includes(word));
  }
  const shown = items.filter((item) => !item.hidden);
  none.hidden = shown.length > 0;
  const [cast, rest] = sections;
  cast.hidden = !cast.querySelector('li:not([hidden])');
  count.textContent = `${rest.querySelectorAll('li:not([hidden])').length} 人`;
}

input.addEventListener('input', filter);
for (const choice of choices) choice.addEventListener('change', filter);
input.addEventListener('keydown', (event) => {
  const first = items.find((item) => !item.hidden);
  if (event.key === 'Enter' && input.value && first) first.querySelector('a').click();
});
filter();
