import { isCve, isRecordId, meantId } from '../../meant-id.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { openBy } from '../../view/open-by.ts';
import { openVulnerabilities } from '../../view/open-flaws.ts';
import { recordedFlaws } from '../../view/recorded-flaws.ts';
import { addresses } from '../addresses.ts';
import { usedColumns } from '../columns.ts';
import { html } from '../html.ts';
import type { PageMaker } from '../page.ts';
import { packageLink, vulnerabilityLink } from '../parts.ts';
import { textParameter } from '../request.ts';
import { table } from '../table.ts';
import { imageColumns } from '../tables/images.ts';

/** Limit on what is listed of one kind; the pages of the kinds have all. */
const most = 50;
const mostSources = 500;

/** Results of the search field: an id of a vulnerability, or of a record about one, goes to its page. */
export const searchPage: PageMaker = async ({ request, view }) => {
  const q = textParameter(request, 'q');
  const id = meantId(q);
  if (isCve(id)) return { redirect: addresses.vulnerability(id) };
  const recorded = isRecordId(id) ? await recordedFlaws(view, id) : [];
  if (recorded.length === 1) return { redirect: addresses.vulnerability(recorded[0]!) };
  const named = new Set(recorded);
  const word = q.toLowerCase();
  const names =
    word === '' ? [] : (await view.names()).filter((name) => name.text.includes(word) && isNamed(name, word));
  const packages =
    word === ''
      ? []
      : (await sourcesOf(view))
          .filter((source) => source.toLowerCase().includes(word))
          .slice(0, mostSources)
          .map((source) => ({ source }));
  const vulnerabilities =
    word === ''
      ? []
      : (await openVulnerabilities(view)).filter(
          ({ vulnerability }) => vulnerability.toLowerCase().includes(word) || named.has(vulnerability),
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
        columns: await usedColumns(view, imageColumns),
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

/** Source packages, in their order; in a part of the fleet those of its images that have an open flaw. */
async function sourcesOf(view: FleetView): Promise<readonly string[]> {
  if (view.seen === 'all') return (await view.verdicts()).sources();
  return [...(await openBy(view, 'source')).of(() => true)].map(({ id }) => id);
}

/** Its system is in the text too. */
function isNamed({ reference, digest }: ViewedName, word: string): boolean {
  return reference.toLowerCase().includes(word) || digest?.includes(word) === true;
}
