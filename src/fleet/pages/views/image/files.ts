import type { Layer } from '../../../../model/inventory/index.ts';
import { type Deviation, type DeviationKind, deviationKinds } from '../../../../model/verdict/index.ts';
import { layerText } from '../../../../report/inventory-table.ts';
import { noteLine } from '../../../../report/note-text.ts';
import { plural, thousands } from '../../../../report/text-table.ts';
import { deviationWords } from '../../../../report/verify/words.ts';
import { imageVerification, type KeptVerification } from '../../../store/verifications.ts';
import { inventoryOf, type ViewedImage } from '../../../view/image.ts';
import { breakable, type Html, html, nothing } from '../../html.ts';
import type { ViewRequest } from '../../page.ts';
import { capital, facts, notice } from '../../parts.ts';
import { type Column, table } from '../../table.ts';
import { minute } from '../../words.ts';
import type { ImageView } from './view.ts';

/** Its files compared with its own package databases, as `scapfeed verify` does, when it was read. */
export async function filesView(image: ViewedImage, { view }: ViewRequest): Promise<ImageView> {
  const kept = await imageVerification(view.queries, image.id);
  const { layers = [] } = (kept && (await inventoryOf(view.queries, image.id))) ?? {};
  const isKnown = kept !== undefined && kept.error === null;
  const none = isKnown ? 'No deviation is known.' : 'Nothing is known of its files.';
  return {
    body: kept ? verifiedPart(kept) : notVerified(image),
    tables: [
      table<KindRow>({
        name: 'kinds',
        caption: 'Deviations by kind',
        empty: none,
        columns: [
          {
            key: 'kind',
            title: 'Kind',
            value: ({ kind }) => kind,
            html: ({ kind }) => html`<code>${kind}</code>`,
            kind: 'word',
          },
          { key: 'meaning', title: 'What it is', value: ({ kind }) => capital(deviationWords[kind][1]) },
          { key: 'files', title: 'Files', value: ({ files }) => files, kind: 'number' },
          { key: 'listed', title: 'Listed below', value: ({ listed }) => listed, kind: 'number' },
        ],
        rows: kept ? kindRows(kept) : [],
      }),
      table<Deviation>({
        name: 'deviations',
        caption: 'Deviations',
        empty: none,
        columns: deviationColumns(layers),
        rows: kept?.deviations ?? [],
      }),
    ],
  };
}

interface KindRow {
  kind: DeviationKind;
  files: number;
  listed: number;
}

function kindRows({ found: { kinds }, deviations }: KeptVerification): KindRow[] {
  return deviationKinds.flatMap((kind) => {
    const files = kinds[kind] ?? 0;
    if (files === 0) return [];
    return [{ kind, files, listed: deviations.filter((each) => each.kind === kind).length }];
  });
}

function notVerified({ kind }: ViewedImage): Html {
  const reason =
    kind === 'image'
      ? html`it was read by a scapfeed that did not do it, or with <code>--verify none</code>; <code>scapfeed fleet run --verify all</code> does it`
      : kind === 'import' || kind === 'sbom'
        ? html`it is an inventory, which has no files`
        : html`it has no digest that stands for its files; <code>scapfeed verify</code> compares them as they are now`;
  return html`<p></p>${notice('plain', 'Its files were not compared with its packages: nothing is known of them', [reason])}`;
}

function verifiedPart({ tool, verified, error, found }: KeptVerification): Html {
  const when = `${minute(verified)} by ${tool}`;
  if (error)
    return html`<p></p>${notice('bad', 'Its files could not be compared with its packages: nothing is known of them', [`${error.code}: ${error.message}`, when])}`;
  const { files, owned, compared, uncompared, unlisted, notes } = found;
  const doubts = [
    ...(unlisted > 0
      ? [
          `${plural(unlisted, 'package has', 'packages have')} no list of files: what they own looks unowned, and cannot be missing`,
        ]
      : []),
    ...notes.map(noteLine),
  ];
  return html`<p></p>${facts([
    ['Compared', when],
    [
      'Files',
      `${thousands(files)}, of which packages own ${thousands(owned)} and ${thousands(compared)} were compared with a digest`,
    ],
    [
      'Not compared',
      uncompared > 0 ? `${plural(uncompared, 'file')} of packages, because there is no digest` : '',
    ],
  ])}
<p class="sum">The package databases belong to the image: a deviation is proof, the absence of deviations is not.</p>
${doubts.length > 0 ? notice('warn', 'Not all of its files could be compared', doubts) : nothing}`;
}

function deviationColumns(layers: readonly Layer[]): Column<Deviation>[] {
  return [
    {
      key: 'kind',
      title: 'Kind',
      value: ({ kind }) => kind,
      html: ({ kind }) => html`<span class="badge other">${kind}</span>`,
      kind: 'word',
    },
    {
      key: 'path',
      title: 'Path',
      value: ({ path }) => path,
      html: ({ path }) => html`<code>${breakable(path)}</code>`,
      kind: 'name',
    },
    {
      key: 'packages',
      title: 'Package',
      value: ({ packages }) => packages.join(' '),
      html: ({ packages }) => (packages.length === 0 ? 'none' : packages.join(', ')),
    },
    { key: 'detail', title: 'What deviates', value: ({ detail }) => detail },
    { key: 'mode', title: 'Mode', value: ({ mode }) => mode ?? null, isData: true },
    { key: 'sha256', title: 'SHA-256', value: ({ sha256 }) => sha256 ?? null, isData: true },
    {
      key: 'layer',
      title: 'Layer',
      value: ({ layer }) => (layer === undefined ? null : layer + 1),
      html: ({ layer }) => (layer === undefined ? '–' : layerText(layer, layers[layer])),
    },
  ];
}
