import type { ListedWaiver } from '../../../model/fleet/index.ts';
import { plural } from '../../../report/text-table.ts';
import { listWaivers } from '../../store/waivers.ts';
import { html, nothing } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { notice } from '../parts.ts';
import { choiceParameter } from '../request.ts';
import { table } from '../table.ts';
import { waiverColumns } from '../tables/waivers.ts';

/** Accepted risks, with what each puts aside. */
export async function waiversPage({ request, view, now }: ViewRequest): Promise<Page> {
  const ended = choiceParameter(request, 'ended', ['', 'yes']) === 'yes';
  const rows = await view.recent(`waivers ${ended}`, () =>
    listWaivers(view.queries, now, view.seen, { ended }),
  );
  const expired = rows.filter(({ state }) => state === 'expired');
  return {
    title: 'Waivers',
    section: 'waivers',
    body: html`<h1>Waivers</h1>
<p class="sum">Flaws and rules that somebody accepted, with a reason. They are in no count, and each page lists them separately. ${ended ? html`<a href="/waivers">Without those that were taken back</a>` : html`<a href="/waivers?ended=yes">With those that were taken back</a>`}</p>
${expired.length > 0 ? notice('warn', `${plural(expired.length, 'waiver')} expired: what ${expired.length === 1 ? 'it is' : 'they are'} about counts again`) : nothing}`,
    tables: [
      table<ListedWaiver>({
        name: 'waivers',
        caption: 'Waivers',
        empty: 'Nothing is waived: `scapfeed fleet waive` accepts a risk.',
        columns: waiverColumns,
        rows,
      }),
    ],
  };
}
