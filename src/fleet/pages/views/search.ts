import { isCve, meantId } from '../../meant-id.ts';
import { addresses } from '../addresses.ts';
import { signedIf } from '../columns.ts';
import type { ViewedName } from '../data/fleet-view.ts';
import { openVulnerabilities } from '../data/open-flaws.ts';
import { html } from '../html.ts';
import type { PageMaker } from '../page.ts';
import { packageLink, vulnerabilityLink } from '../parts.ts';
import { textParameter } from '../request.ts';
import { table } from '../table.ts';
import { imageColumns } from './images.ts';

/** Limit on what is listed of one kind; the pages of the kinds have all. */
const most = 50;
const mostSources = 500;

/** Results of the search field: an id of a vulnerability goes to its page. */
export const searchPage: PageMaker = async ({ request, view }) => {
  const q = textParameter(request, 'q');
  const id = meantId(q);
  if (isCve(id)) return { redirect: addresses.vulnerability(id) };
  const word = q.toLowerCase();
  const names =
    word === '' ? [] : (await view.names()).filter((name) => name.text.includes(word) && isNamed(name, word));
  const packages =
    word === ''
      ? []
      : (await view.verdicts())
          .sources()
          .filter((source) => source.toLowerCase().includes(word))
          .slice(0, mostSources)
          .map((source) => ({ source }));
  const vulnerabilities =
    word === ''
      ? []
      : (await openVulnerabilities(view)).filter(({ vulnerability }) =>
          vulnerability.toLowerCase().includes(word),
        );
  return {
    title: 'Search',
    section: 'search',
    body: html`<h1>${q === '' ? 'Search' : html`Search for ‘${q}’`}</h1>`,
    tables: [
      table({
        name: 'images',
        caption: 'Images',
        empty: 'No name of an image has it.',
        columns: signedIf(await view.asksForSignatures(), imageColumns),
        rows: names,
        size: most,
      }),
      table({
        name: 'packages',
        caption: 'Source packages',
        empty: 'No source package of the fleet has it in its name.',
        columns: [
          {
            key: 'source',
            title: 'Source package',
            value: ({ source }: { source: string }) => source,
            html: ({ source }: { source: string }) => packageLink(source),
          },
        ],
        rows: packages,
        size: most,
      }),
      table({
        name: 'vulnerabilities',
        caption: 'Vulnerabilities',
        empty: 'No open flaw has it in its name.',
        columns: [
          {
            key: 'vulnerability',
            title: 'Vulnerability',
            value: (row) => row.vulnerability,
            html: (row) => vulnerabilityLink(row.vulnerability, row.exploited),
          },
          { key: 'severity', title: 'Worst', value: (row) => row.severity },
        ],
        rows: vulnerabilities,
        size: most,
      }),
    ],
  };
};

/** Its system is in the text too. */
function isNamed({ reference, digest }: ViewedName, word: string): boolean {
  return reference.toLowerCase().includes(word) || digest?.includes(word) === true;
}
