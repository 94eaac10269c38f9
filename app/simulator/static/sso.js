// Picks the member who "scans", then asks that member's phone to confirm.
const dialog = document.querySelector('.sso-dialog');
const form = dialog.querySelector('form');
const search = document.querySelector('[data-testid="sso-search"]');

search.addEventListener('input', () => {
  const word = search.value.trim().toLowerCase();
  for (const item of document.querySelectorAll('[data-search]')) item.hidden = !item.dataset.search.includes(word);
});
for (const button of document.querySelectorAll('[data-userid]')) {
  button.addEventListener('click', () => {
    form.elements.userid.value = button.dataset.userid;
    dialog.querySelector('strong[data-name]').textContent = button.dataset.name;
    dialog.showModal();
  });
}
dialog.querySelector('[data-cancel]').addEventListener('click', () => dialog.close());
