// Changes one of the two members by changing the address, so that the pair can be bookmarked.
for (const select of document.querySelectorAll('[data-side]')) {
  select.addEventListener('change', () => {
    const address = new URL(location.href);
    for (const one of document.querySelectorAll('[data-side]')) address.searchParams.set(one.dataset.side, one.value);
    location.href = address;
  });
}
