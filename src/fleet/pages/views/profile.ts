import { resultName } from '../../../report/comply/html-text.ts';
import { plural } from '../../../report/text-table.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { imagesOf, type ProfileImage, type RuleTotals, resultsOf, rulesOf } from '../../view/profiles.ts';
import { addresses } from '../addresses.ts';
import {
  nameColumns,
  notEvaluatedColumn,
  resultColumn,
  ruleColumns,
  scoreColumn,
  severityColumn,
} from '../columns.ts';
import { breakable, type Html, html, nothing } from '../html.ts';
import { missingPage } from '../missing-page.ts';
import type { PageMaker, ViewRequest } from '../page.ts';
import { facts, imageLink, tabs } from '../parts.ts';
import { addressWith, choiceParameter, pageNumber, pageParameter, textParameter } from '../request.ts';
import { resultBadge, resultRank } from '../rule-parts.ts';
import { type Column, type Table, table } from '../table.ts';

/** Rules by images: what fails where. */
export const profilePage: PageMaker = async (asked, profile) => {
  const { view, request } = asked;
  const images = await imagesOf(view, profile);
  if (images.length === 0) return missingPage(asked, profile);
  const rules = await rulesOf(view, profile);
  const wanted = textParameter(request, 'rule');
  const rule = rules.find((each) => each.rule === wanted);
  if (wanted !== '' && !rule) return missingPage(asked, wanted);
  const part = choiceParameter(request, 'view', ['', 'rules', 'images', 'matrix']);
  const here = rule ? 'rule' : part === '' ? 'rules' : part;
  const errors = images.filter(({ code }) => code !== null).length;
  const named = await namesFor(view, images);
  return {
    title: profile,
    section: 'profiles',
    body: html`<h1>${breakable(profile)}</h1>
${facts([
  ['Evaluated on', plural(images.length - errors, 'image')],
  [
    'Not evaluated',
    errors > 0 ? html`<b class="high">${plural(errors, 'image')}</b>, of which nothing is known` : undefined,
  ],
  ['Rules', plural(rules.length, 'rule')],
])}
${tabs('Parts of this profile', [
  { text: 'Rules', address: addresses.profile(profile), isHere: here === 'rules' || here === 'rule' },
  { text: 'Images', address: addresses.profile(profile, { view: 'images' }), isHere: here === 'images' },
  {
    text: 'Rules by images',
    address: addresses.profile(profile, { view: 'matrix' }),
    isHere: here === 'matrix',
  },
])}`,
    tables: [await partTable(here, asked, { profile, rules, images: named, rule })],
  };
};

interface Named extends ProfileImage {
  name: ViewedName;
}

interface Parts {
  profile: string;
  rules: readonly RuleTotals[];
  images: readonly Named[];
  rule: RuleTotals | undefined;
}

async function namesFor(view: FleetView, images: readonly ProfileImage[]): Promise<Named[]> {
  const names = await view.namesOfImages();
  return images.flatMap((each) => names.get(each.image)?.map((name) => ({ ...each, name })) ?? []);
}

async function partTable(here: string, asked: ViewRequest, parts: Parts): Promise<Table> {
  if (here === 'images') return imageTable(parts);
  if (here === 'matrix') return matrix(asked, parts);
  return parts.rule ? ruleTable(asked, parts, parts.rule) : rulesTable(parts);
}

function rulesTable({ profile, rules }: Parts): Table {
  return table<RuleTotals>({
    name: 'rules',
    caption: 'Rules',
    empty: 'There is no result of a rule.',
    columns: [
      severityColumn((row) => row),
      ...ruleColumns<RuleTotals>(({ rule }) => addresses.profile(profile, { rule })),
      {
        key: 'failed',
        title: 'Failed',
        value: ({ failed }) => failed,
        html: ({ failed }) =>
          failed > 0 ? html`<b class="high">${failed}</b>` : html`<span class="dim">0</span>`,
        kind: 'number',
      },
      { key: 'passed', title: 'Passed', value: ({ passed }) => passed, kind: 'number' },
      { key: 'others', title: 'Neither', value: ({ others }) => others, kind: 'number' },
    ],
    rows: rules,
  });
}

const imageColumns: readonly Column<Named>[] = nameColumns(({ name }) => name);

function imageTable({ images }: Parts): Table {
  return table<Named>({
    name: 'images',
    caption: 'Images',
    empty: 'No image was evaluated.',
    columns: [
      ...imageColumns,
      scoreColumn(({ score }) => score),
      {
        key: 'failed',
        title: 'Failed',
        value: ({ counts, code }) => (code === null ? (counts['fail'] ?? 0) + (counts['error'] ?? 0) : null),
        kind: 'number',
      },
      {
        key: 'passed',
        title: 'Passed',
        value: ({ counts, code }) => (code === null ? (counts['pass'] ?? 0) + (counts['fixed'] ?? 0) : null),
        kind: 'number',
      },
      notEvaluatedColumn(),
    ],
    rows: images,
  });
}

/** Images with their result of one rule. */
async function ruleTable(
  { view }: ViewRequest,
  { profile, images }: Parts,
  { rule, title }: RuleTotals,
): Promise<Table> {
  const results = (
    await resultsOf(
      view,
      profile,
      images.map(({ image }) => image),
    )
  ).get(rule);
  const rows = images.map((each) => ({ ...each, result: results?.get(each.image) ?? 'no result' }));
  return table<Named & { result: string }>({
    name: 'results',
    caption: title,
    empty: 'No image was evaluated.',
    columns: [resultColumn(), ...imageColumns],
    rows: rows.sort((a, b) => resultRank(a.result) - resultRank(b.result)),
  });
}

/** Columns of images on one page. */
const imagesAcross = 8;

/** A column for each image: as many as fit on a page, the lowest scores first; CSV and JSON have all of them. */
async function matrix({ view, request }: ViewRequest, { profile, rules, images }: Parts): Promise<Table> {
  const pages = Math.max(1, Math.ceil(images.length / imagesAcross));
  const page = Math.min(pageNumber(request, 'matrix'), pages);
  const shown =
    request.format === 'html' ? images.slice((page - 1) * imagesAcross, page * imagesAcross) : images;
  const results = await resultsOf(
    view,
    profile,
    shown.map(({ image }) => image),
  );
  const made = table<RuleTotals>({
    name: 'matrix',
    caption:
      pages > 1
        ? `Rules by images, ${(page - 1) * imagesAcross + 1}–${(page - 1) * imagesAcross + shown.length} of ${images.length} images`
        : 'Rules by images',
    empty: 'There is no result of a rule.',
    size: Number.MAX_SAFE_INTEGER,
    columns: [
      {
        key: 'rule',
        title: 'Rule',
        value: ({ rule }) => rule,
        html: ({ rule, title }) => html`<a href="${addresses.profile(profile, { rule })}">${title}</a>`,
        kind: 'name',
      },
      ...shown.map(
        ({ name, image }): Column<RuleTotals> => ({
          key: name.reference,
          title: name.reference,
          head: imageLink(name),
          value: ({ rule }) => results.get(rule)?.get(image) ?? null,
          html: ({ rule }) => shortResult(results.get(rule)?.get(image)),
        }),
      ),
    ],
    rows: rules,
  });
  const next = (number: number, text: string) =>
    number >= 1 && number <= pages
      ? html`<a href="${addressWith(request, { [pageParameter('matrix')]: String(number) })}">${text}</a>`
      : nothing;
  return {
    ...made,
    html: (asked) =>
      html`${pages > 1 ? html`<nav class="pager" aria-label="Pages of images">${next(page - 1, '← previous images')} ${next(page + 1, 'next images →')}</nav>` : nothing}<div class="matrix">${made.html(asked)}</div>`,
  };
}

function shortResult(result: string | undefined): Html {
  return result === undefined
    ? html`<span class="dim">–</span>`
    : html`<span title="${resultName(result)}">${resultBadge(result)}</span>`;
}
