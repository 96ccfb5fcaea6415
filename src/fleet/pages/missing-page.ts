import { html } from './html.ts';
import type { PageMaker } from './page.ts';
import { notice } from './parts.ts';

/** A page about an address under which nothing is. */
export const missingPage: PageMaker = async () => ({
  title: 'Not found',
  section: 'search',
  status: 404,
  body: html`<h1>There is nothing at this address</h1>
${notice('plain', 'It was never here, or `scapfeed fleet prune` has forgotten it.')}`,
  tables: [],
});
