/** All that the pages' script does; each page works without it. A changed filter shows at once; `/` goes to the search. */
export const script = `
for (const form of document.querySelectorAll('form.filters')) {
  form.classList.add('live');
  for (const field of form.querySelectorAll('select')) field.addEventListener('change', () => form.requestSubmit());
}
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest('input, select, textarea')) return;
  const field = document.querySelector('main input[type=search]') ?? document.querySelector('.find input');
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
`;
