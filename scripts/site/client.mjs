// Search in the browser: the index is a script beside the pages, so that it also works from a folder without a server.
import { searchOf } from './search.mjs';

const field = document.querySelector('#search');
const found = document.querySelector('#found');
const up = document.body.dataset.up;
let search;

function load() {
  search ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${up}search-index.js`;
    script.onload = () => resolve(searchOf(globalThis.scapfeedSections));
    script.onerror = reject;
    document.head.append(script);
  });
  return search;
}

async function show() {
  const words = field.value.trim();
  if (words === '') {
    found.hidden = true;
    return;
  }
  const results = (await load())(words).slice(0, 12);
  found.replaceChildren(...(results.length > 0 ? results.map(itemOf) : [nothing()]));
  found.hidden = false;
}

function itemOf({ address, title, heading, text }) {
  const link = document.createElement('a');
  link.href = up + address;
  link.textContent = heading === title ? title : `${title}: ${heading}`;
  const lead = document.createElement('p');
  lead.textContent = text.length > 140 ? `${text.slice(0, 140)}…` : text;
  const item = document.createElement('li');
  item.append(link, lead);
  return item;
}

function nothing() {
  const item = document.createElement('li');
  item.textContent = 'Nothing found.';
  return item;
}

field.addEventListener('focus', load, { once: true });
field.addEventListener('input', show);
field.form.addEventListener('submit', (event) => {
  event.preventDefault();
  found.querySelector('a')?.click();
});
found.addEventListener('click', () => {
  found.hidden = true;
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') found.hidden = true;
  if (event.key !== '/' || event.target === field || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  field.focus();
});
if (matchMedia('(max-width: 60rem)').matches) document.querySelector('nav details').open = false;
