import type { ListedWaiver, WaiverState } from '../../../model/index.ts';
import { plural } from '../../../report/text-table.ts';
import { listWaivers } from '../../store/waivers.ts';
import { breakable, html, nothing } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { notice, vulnerabilityLink } from '../parts.ts';
import { choiceParameter } from '../request.ts';
import { table } from '../table.ts';

const stateKinds: Readonly<Record<WaiverState, string>> = {
  used: 'judged',
  unused: 'other',
  expired: 'stale',
  ended: 'other',
};

/** Accepted risks, with what each puts aside. */
export async function waiversPage({ request, view, now }: ViewRequest): Promise<Page> {
  const ended = choiceParameter(request, 'ended', ['', 'yes']) === 'yes';
  const rows = await view.recent(`waivers ${ended}`, () =>
    listWaivers(view.queries, now, { ended, ...(view.owner !== undefined && { owner: view.owner }) }),
  );
  const expired = rows.filter(({ state }) => state === 'expired');
  return {
    title: 'Waivers',
    section: 'waivers',
    body: html`<h1>Waivers</h1>
<p class="sum">Flaws and rules that somebody accepted, with a reason. They are in no count, and each page tells of them apart. ${ended ? html`<a href="/waivers">Without those that were taken back</a>` : html`<a href="/waivers?ended=yes">With those that were taken back</a>`}</p>
${expired.length > 0 ? notice('warn', `${plural(expired.length, 'waiver')} expired: what ${expired.length === 1 ? 'it is' : 'they are'} about counts again`) : nothing}`,
    tables: [
      table<ListedWaiver>({
        name: 'waivers',
        caption: 'Waivers',
        empty: 'Nothing is waived: `scapfeed fleet waive` accepts a risk.',
        columns: [
          { key: 'id', title: 'No.', value: ({ id }) => id, kind: 'number' },
          {
            key: 'about',
            title: 'About',
            value: ({ vulnerability, rule }) => vulnerability ?? rule,
            html: ({ vulnerability, rule, package: name }) =>
              html`${vulnerability === null ? breakable(rule ?? '') : vulnerabilityLink(vulnerability)}${name === null ? nothing : html`<small>in packages <code>${name}</code></small>`}`,
            kind: 'name',
          },
          { key: 'package', title: 'Package', value: (row) => row.package, isData: true },
          {
            key: 'image',
            title: 'Images',
            value: ({ image }) => image,
            html: ({ image, owner }) =>
              html`${image === null ? 'all' : html`<code>${breakable(image)}</code>`}${owner === null ? nothing : html`<small>of ${owner}</small>`}`,
            kind: 'name',
          },
          {
            key: 'state',
            title: 'State',
            value: ({ state }) => state,
            html: ({ state, ended: when, endedBy }) =>
              html`<span class="badge ${stateKinds[state]}">${state}</span>${when === null ? nothing : html`<small>by ${endedBy}, ${when.slice(0, 10)}</small>`}`,
          },
          { key: 'flaws', title: 'Puts aside', value: ({ flaws }) => flaws, kind: 'number' },
          { key: 'in_images', title: 'In images', value: ({ images }) => images, kind: 'number' },
          {
            key: 'until',
            title: 'Until',
            value: ({ until }) => until,
            html: ({ until }) => until ?? 'no end',
            kind: 'word',
          },
          {
            key: 'author',
            title: 'By',
            value: ({ author }) => author,
            html: ({ author, created }) => html`${author}<small>${created.slice(0, 10)}</small>`,
          },
          { key: 'owner', title: 'Owner', value: ({ owner }) => owner, isData: true },
          { key: 'created', title: 'Created', value: ({ created }) => created, isData: true },
          { key: 'ended_by', title: 'Ended by', value: ({ endedBy }) => endedBy, isData: true },
          { key: 'reason', title: 'Reason', value: ({ reason }) => reason },
        ],
        rows,
      }),
    ],
  };
}
