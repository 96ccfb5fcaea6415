import { type Severity, severities } from '../../../../model/feed/index.ts';
import type { KeptInventory } from '../../../store/prepared-image.ts';
import { type ImageFlaw, imageFlaws, inventoryOf, isCounted, type ViewedImage } from '../../../view/image.ts';
import { type PackageName, packageNames } from '../../../view/package-names.ts';
import { html } from '../../html.ts';
import type { ViewRequest } from '../../page.ts';
import { bar, countColumns } from '../../parts.ts';
import { table } from '../../table.ts';
import type { ImageView } from './view.ts';

interface LayerRow {
  number: number;
  createdBy: string;
  digest: string;
  packages: number;
  flaws: ImageFlaw[];
  counts: Record<Severity, number>;
}

/** The flaws of each layer: whoever built it has to fix them. */
export async function layersView(image: ViewedImage, { view }: ViewRequest): Promise<ImageView> {
  const kept = await inventoryOf(view.queries, image.id);
  const flaws = (await imageFlaws(view, image)).filter(isCounted);
  const names = await packageNames(view.queries, image.packages);
  return {
    tables: [
      table<LayerRow>({
        name: 'layers',
        caption: 'Layers',
        empty: 'It has no layers: it is a root file system, or an inventory that was sent in.',
        columns: [
          { key: 'layer', title: 'Layer', value: ({ number }) => number, kind: 'number' },
          {
            key: 'created_by',
            title: 'Made by',
            value: ({ createdBy }) => createdBy,
            html: ({ createdBy, digest }) =>
              html`<code>${createdBy === '' ? 'not known' : createdBy}</code><small>${digest.slice(0, 19)}</small>`,
            kind: 'name',
          },
          { key: 'digest', title: 'Digest', value: ({ digest }) => digest, isData: true },
          { key: 'packages', title: 'Packages', value: ({ packages }) => packages, kind: 'number' },
          {
            key: 'flaws',
            title: 'Flaws',
            value: (row) => row.flaws.length,
            html: ({ flaws: own, counts, number }) =>
              html`${own.length}${bar(counts, `Flaws of layer ${number} by severity`)}`,
            kind: 'number',
          },
          ...countColumns<LayerRow>(({ counts, flaws: own }) => ({
            flaws: counts,
            exploited: own.filter(({ exploited }) => exploited).length,
            fixable: own.filter((flaw) => flaw.fixable).length,
          })),
        ],
        rows: kept ? layerRows(kept, flaws, names) : [],
      }),
    ],
  };
}

function layerRows(
  { inventory, layers }: KeptInventory,
  flaws: readonly ImageFlaw[],
  names: ReadonlyMap<number, PackageName>,
): LayerRow[] {
  const rows = layers.map(({ createdBy = '', diffId, digest }, at): LayerRow => {
    const counts = Object.fromEntries(severities.map((severity) => [severity, 0])) as LayerRow['counts'];
    return { number: at + 1, createdBy, digest: diffId ?? digest ?? '', packages: 0, flaws: [], counts };
  });
  const layerOf = new Map<string, number>();
  for (const { name, version, arch, layer } of inventory.packages) {
    if (layer === undefined || !rows[layer]) continue;
    rows[layer].packages += 1;
    layerOf.set(keyOf({ name, version, arch }), layer);
  }
  const layerOfPackage = new Map(
    [...names].flatMap(([number, each]) => {
      const layer = layerOf.get(keyOf(each));
      return layer === undefined ? [] : [[number, layer]];
    }),
  );
  for (const flaw of flaws) {
    const own = new Set(flaw.packages.flatMap((number) => layerOfPackage.get(number) ?? []));
    for (const layer of own) {
      rows[layer]!.flaws.push(flaw);
      rows[layer]!.counts[severities[flaw.rank]!] += 1;
    }
  }
  return rows;
}

function keyOf({ name, version, arch }: { name: string; version: string; arch: string }): string {
  return `${name}\0${version}\0${arch}`;
}
