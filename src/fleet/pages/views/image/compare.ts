import { thousands } from '../../../../report/text-table.ts';
import type { Queries } from '../../../store/database.ts';
import type { FleetView } from '../../../view/fleet-view.ts';
import {
  findImage,
  type ImageFlaw,
  imageFlaws,
  isCounted,
  type KeptFlaw,
  keptFlaws,
  namedImages,
  type ViewedImage,
} from '../../../view/image.ts';
import { compareTexts } from '../../../view/texts.ts';
import { addresses } from '../../addresses.ts';
import { usedColumns } from '../../columns.ts';
import { flawColumns } from '../../flaw-table.ts';
import { breakable, type Html, html } from '../../html.ts';
import type { ViewRequest } from '../../page.ts';
import { filterForm, notice, shortDigest } from '../../parts.ts';
import { shownRows, textParameter } from '../../request.ts';
import { table } from '../../table.ts';
import type { ImageView } from './view.ts';

/** The flaws and packages in which two images differ, both by today's feed. */
export async function compareView(image: ViewedImage, asked: ViewRequest): Promise<ImageView> {
  const { view, request } = asked;
  const former = (await namedImages(view, image.id)).filter((each) => each.image !== image.id);
  const wanted = textParameter(request, 'with');
  const named = (await view.names()).find(({ reference }) => reference === wanted);
  const digest = named?.digest ?? (wanted === '' ? former[0]?.digest : wanted);
  const choice = form(
    image,
    former.map((each) => each.digest),
    wanted === '' ? (digest ?? '') : wanted,
  );
  if (digest === undefined)
    return {
      body: html`${choice}<p class="empty">Its names have stood for no other image. Name one to compare with.</p>`,
      tables: [],
    };
  const other = await findImage(view, digest);
  if (!other)
    return {
      body: html`${choice}${notice('bad', 'There is no image of this name or digest in the fleet')}`,
      tables: [],
    };
  const doubt = [image, other].some(
    ({ names, platform }) => platform === null || names.some(({ state }) => state !== 'judged'),
  );
  return {
    body: html`${choice}
<p class="sum">Compared with ${other.names[0] ? breakable(other.names[0].reference) : 'the image'} <a href="${addresses.image(other.digest)}">${shortDigest(other.digest)}</a></p>
${doubt ? notice('warn', 'Not all of both images is judged: what is in neither list may still be a flaw') : ''}`,
    tables: await differences(asked, image, other),
  };
}

function form({ digest }: ViewedImage, former: readonly string[], wanted: string): Html {
  const options = [...new Set(former)].slice(0, 20).map((each) => html`<option value="${each}"></option>`);
  return filterForm(
    addresses.image(digest),
    [
      html`<label class="search">Compare with a name or digest<input type="search" name="with" list="former" value="${wanted}" autocomplete="off"></label><datalist id="former">${options}</datalist>`,
    ],
    { view: 'compare' },
  );
}

type ComparedFlaw = KeptFlaw & { side: 'here' | 'there' };

async function differences({ view, request }: ViewRequest, image: ViewedImage, other: ViewedImage) {
  const [here, there] = [await openFlaws(view, image), await openFlaws(view, other)];
  const only = (own: Map<string, ImageFlaw>, others: Map<string, ImageFlaw>, side: ComparedFlaw['side']) =>
    [...own].filter(([key]) => !others.has(key)).map(([, flaw]) => ({ flaw, side }));
  const [ownHere, ownThere] = [only(here, there, 'here'), only(there, here, 'there')];
  const all = [...ownHere, ...ownThere];
  const { from, to } = shownRows(request, 'flaws', all.length);
  const shown = all.slice(from, to);
  const kept = await keptFlaws(
    view,
    shown.map(({ flaw }) => flaw),
  );
  const flaws = kept.map((flaw, at): ComparedFlaw => ({ ...flaw, side: shown[at]!.side }));
  const both = [...here.keys()].filter((key) => there.has(key)).length;
  const packages = await packageChanges(view.queries, image, other);
  return [
    table<ComparedFlaw>({
      name: 'flaws',
      caption: `Flaws: ${thousands(ownHere.length)} only here, ${thousands(ownThere.length)} only there, ${thousands(both)} in both`,
      empty: 'The open flaws that are known are the same in both.',
      columns: [
        {
          key: 'in',
          title: 'In',
          value: ({ side }) => side,
          html: ({ side }) =>
            html`<span class="badge ${side === 'here' ? 'fail' : 'pass'}">${side === 'here' ? 'only here' : 'only there'}</span>`,
          kind: 'word',
        },
        ...(await usedColumns(view, flawColumns)),
      ],
      rows: flaws,
      total: all.length,
    }),
    table<PackageChange>({
      name: 'packages',
      caption: `Packages that differ: ${thousands(packages.length)}, by name and architecture`,
      empty: 'The packages are the same in both.',
      columns: [
        { key: 'package', title: 'Package', value: ({ name }) => name, kind: 'name' },
        { key: 'architecture', title: 'Architecture', value: ({ arch }) => arch, kind: 'word' },
        {
          key: 'here',
          title: 'Here',
          value: (row) => row.here ?? null,
          html: (row) => html`<code>${row.here ?? 'not there'}</code>`,
        },
        {
          key: 'there',
          title: 'There',
          value: (row) => row.there ?? null,
          html: (row) => html`<code>${row.there ?? 'not there'}</code>`,
        },
      ],
      rows: packages,
    }),
  ];
}

async function openFlaws(view: FleetView, image: ViewedImage): Promise<Map<string, ImageFlaw>> {
  const flaws = (await imageFlaws(view, image)).filter(isCounted);
  return new Map(flaws.map((flaw) => [`${flaw.vulnerability} ${flaw.source}`, flaw]));
}

interface PackageChange {
  name: string;
  arch: string;
  here?: string;
  there?: string;
}

async function packageChanges(
  queries: Queries,
  image: ViewedImage,
  other: ViewedImage,
): Promise<PackageChange[]> {
  const of = (numbers: readonly number[]) =>
    queries.query<{ name: string; arch: string; version: string }>(
      'SELECT name, arch, version FROM fleet.packages WHERE id = ANY($1::integer[])',
      [numbers],
    );
  const changes = new Map<string, { name: string; arch: string; here: Set<string>; there: Set<string> }>();
  for (const side of ['here', 'there'] as const) {
    for (const { name, arch, version } of await of((side === 'here' ? image : other).packages)) {
      const key = `${name}\0${arch}`;
      const known = changes.get(key) ?? { name, arch, here: new Set(), there: new Set() };
      changes.set(key, known);
      known[side].add(version);
    }
  }
  const text = (versions: ReadonlySet<string>) => [...versions].sort().join(', ');
  return [...changes.values()]
    .filter(({ here, there }) => text(here) !== text(there))
    .map(({ name, arch, here, there }) => ({
      ...{ name, arch },
      ...(here.size > 0 && { here: text(here) }),
      ...(there.size > 0 && { there: text(there) }),
    }))
    .sort((a, b) => compareTexts(a.name, b.name) || compareTexts(a.arch, b.arch));
}
