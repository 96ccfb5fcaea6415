import { hash } from 'node:crypto';
import { style } from './style.ts';

/** The sign of the pages in a browser's tab: columns of a trend. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0550ae"/><path d="M3 13V5h2.5v8zm4 0V8h2.5v5zm4 0v-2.5h2.5V13z" fill="#fff"/></svg>
`;

/** All that the pages' script does; each page works without it. A changed filter shows at once; `/` goes to the search. */
const script = `
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

/** Style and script with their digest in the address: a browser keeps them until they change. */
export const assets: Readonly<Record<string, { type: string; body: string }>> = {
  [assetName(style, 'css')]: { type: 'text/css; charset=utf-8', body: style },
  [assetName(icon, 'svg')]: { type: 'image/svg+xml', body: icon },
  [assetName(script, 'js')]: { type: 'text/javascript; charset=utf-8', body: script },
};

export const assetAddresses = {
  style: `/assets/${assetName(style, 'css')}`,
  script: `/assets/${assetName(script, 'js')}`,
  icon: `/assets/${assetName(icon, 'svg')}`,
};

function assetName(text: string, extension: string): string {
  return `fleet-${hash('sha256', text).slice(0, 16)}.${extension}`;
}
