import { knownCounts } from '../../../../model/fleet/index.ts';
import { markWords } from '../../../../report/mark-words.ts';
import { plural, thousands } from '../../../../report/text-table.ts';
import { eventNumbers } from '../../../view/events.ts';
import { findImage, type NamedImage, namedImages, type ViewedImage } from '../../../view/image.ts';
import { addresses } from '../../addresses.ts';
import { breakable, type Html, html, joined, nothing } from '../../html.ts';
import { missingPage } from '../../missing-page.ts';
import type { Page, PageMaker, ViewRequest } from '../../page.ts';
import {
  barWithCounts,
  facts,
  filesBadge,
  notice,
  shortDigest,
  signedBadge,
  standingBadge,
  tabs,
} from '../../parts.ts';
import { choiceParameter } from '../../request.ts';
import { table } from '../../table.ts';
import { eventTable } from '../../tables/events.ts';
import { historyColumns } from '../../tables/history.ts';
import { doubtsOf, filesState, minute } from '../../words.ts';
import { compareView } from './compare.ts';
import { filesView } from './files.ts';
import { flawsView } from './flaws.ts';
import { gapsView } from './gaps.ts';
import { layersView } from './layers.ts';
import { rulesView } from './rules.ts';
import { signaturesView } from './signatures.ts';
import type { ImageView, ViewMaker } from './view.ts';

const views: readonly (readonly [name: string, text: string, make: ViewMaker])[] = [
  ['flaws', 'Flaws', flawsView],
  ['changes', 'What changed', changesView],
  ['gaps', 'Not judged', gapsView],
  ['layers', 'Layers', layersView],
  ['files', 'Files', filesView],
  ['rules', 'Compliance', rulesView],
  ['signatures', 'Signatures', signaturesView],
  ['history', 'History', historyView],
  ['compare', 'Compare', compareView],
];

/** All that is known of one image, by parts with addresses of their own. */
export const imagePage: PageMaker = async (asked, digest) => {
  const { request, view } = asked;
  const image = await findImage(view, digest);
  if (!image) return missingPage(asked, digest);
  const wanted = choiceParameter(request, 'view', ['', ...views.map(([each]) => each)]);
  const [name, text, make] = views.find(([each]) => each === wanted) ?? views[0]!;
  const { body = nothing, tables } = await make(image, asked);
  const title = image.names[0]?.reference ?? image.digest;
  const page: Page = {
    title: `${title}: ${text.toLowerCase()}`,
    section: 'images',
    body: html`${heading(image)}
${tabs(
  'Parts of this image',
  views.map(([each, label]) => ({
    text: label,
    address: addresses.image(image.digest, each === 'flaws' ? {} : { view: each }),
    isHere: each === name,
  })),
)}
${body}`,
    tables,
  };
  return page;
};

function heading(image: ViewedImage): Html {
  const { names, digest, platform, marks, system, prettyName, architecture, read, tool, installed, signed } =
    image;
  const [first, ...others] = names;
  const place = first ? breakable(first.reference) : breakable(digest);
  return html`<div class="subject"><div>
<h1>${place}</h1>
${facts([
  [
    'State',
    first
      ? html`${standingBadge(first)} ${signed ? signedBadge(signed.verdict) : nothing}`
      : html`<span class="badge waiting">no name stands for it any more</span>`,
  ],
  [
    'Also called',
    others.length > 0
      ? joined(
          others.map(({ reference }) => breakable(reference)),
          '<br>',
        )
      : nothing.text,
  ],
  ['Digest', shortDigest(digest)],
  ['System', `${prettyName ?? system}${architecture === null ? '' : `, ${architecture}`}`],
  [
    'Judged as',
    platform === null ? 'by no platform of the feed' : [platform, ...(marks ?? []).map(markWords)].join(', '),
  ],
  ['Packages', thousands(installed)],
  ['Read', `${minute(read)} by ${tool}`],
  ['Files', filesText(image)],
])}
</div>${totals(image)}</div>
${first ? doubts(doubtsOf(first)) : nothing}`;
}

/** The result of comparing its files; if they were not compared, or the comparison failed, that is stated. */
function filesText({ digest, names: [name] }: ViewedImage): Html | string {
  if (!name) return nothing.text;
  const { files } = name;
  const state = filesState(files);
  const unowned = files?.kinds.unowned ?? 0;
  const words = unowned > 0 ? plural(unowned, 'executable of no package', 'executables of no package') : '';
  return html`<a href="${addresses.image(digest, { view: 'files' })}">${filesBadge(state)}</a> ${words}`;
}

function totals(image: ViewedImage): Html {
  const counts = knownCounts(image);
  const { names } = image;
  if (!counts)
    return html`<div class="card"><h2>Open flaws</h2><p class="big">–</p><p>Nothing is known of its flaws.</p></div>`;
  const count = Object.values(counts.flaws).reduce((sum, each) => sum + each, 0);
  const old = names.some(({ unread }) => unread)
    ? html`<p class="dim">As it was when it could be read last.</p>`
    : nothing;
  return html`<div class="card"><h2>Open flaws</h2><p class="big">${thousands(count)} <small>${counts.exploited > 0 ? html`<b class="high">${thousands(counts.exploited)} known exploited</b>` : 'none known to be exploited'}</small></p>
${barWithCounts(counts.flaws, 'Open flaws by severity')}
<p>${thousands(counts.fixable)} with a fix to install, ${thousands(count - counts.fixable)} without</p>${old}</div>`;
}

function doubts(items: readonly string[]): Html {
  return items.length === 0
    ? nothing
    : notice('bad', 'This image is not judged as a whole, and is therefore not clean', items);
}

/** Changes of this image, with time and cause: it was built again, or the feed changed. */
async function changesView({ id, names }: ViewedImage, asked: ViewRequest): Promise<ImageView> {
  const { view } = asked;
  const events = await eventNumbers(view, 'images @> ARRAY[$1::integer] OR name = ANY($2::integer[])', [
    id,
    names.map(({ name }) => name),
  ]);
  return {
    tables: [
      await eventTable(asked, {
        name: 'changes',
        caption: 'What changed, and why',
        events,
        empty: 'No change yet.',
      }),
    ],
  };
}

/** The images that its names stood for, and when. */
async function historyView(image: ViewedImage, { view }: ViewRequest): Promise<ImageView> {
  return {
    tables: [
      table<NamedImage>({
        name: 'history',
        caption: 'What its names stood for',
        empty: 'No name has stood for it.',
        columns: historyColumns(image),
        rows: await namedImages(view, image.id),
      }),
    ],
  };
}
