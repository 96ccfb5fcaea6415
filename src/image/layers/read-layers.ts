import { type AtOnceOptions, someAtOnce } from '../../io/at-once.ts';
import { breathe } from '../../io/cancellation.ts';
import type { Inspection, Layer } from '../../model/inventory/index.ts';
import type { ImageReadOptions } from '../image-options.ts';
import type { Budget } from '../limits.ts';
import type { NoteBook } from '../note-book.ts';
import { findUnkept } from './find-unkept.ts';
import { LayerCache } from './layer-cache.ts';
import { type ReadContext, readLayer, rereadLayer } from './layer-reader.ts';
import type { LayerSource, ReadLayer } from './layer-source.ts';
import { LayeredView } from './layered-view.ts';
import { MergedLayers } from './merged-layers.ts';
import { NameStore } from './name-store.ts';
import { PathTree } from './path-tree.ts';

/** Number of layers that are read at once: libuv inflates in four threads. */
const layersAtOnce = 4;

const noInspection: Inspection = { files: () => false, digests: [] };

/** Begins the reading of one image. */
export function newReadContext(
  {
    wanted,
    places = [],
    companions = [],
    inspection = noInspection,
    packageFiles,
    ownerLists,
    layers,
  }: Pick<
    ImageReadOptions,
    'wanted' | 'places' | 'companions' | 'inspection' | 'packageFiles' | 'ownerLists' | 'layers'
  >,
  budget: Budget,
  notes: NoteBook,
): LayersContext {
  const tree = new PathTree(budget, 'layers');
  const targets = new NameStore(budget, 'layers');
  const stop = new AbortController();
  return {
    ...{ wanted, places, companions, inspection, budget, notes, tree, targets, stop },
    ...(packageFiles && { packageFiles }),
    ...(ownerLists && { ownerLists }),
    ...(layers && inspection === noInspection && { cache: new LayerCache(layers) }),
    signal: stop.signal,
  };
}

export interface LayersContext extends ReadContext {
  /** Wanted files and folders that are found through any number of links. */
  places: readonly string[];
  /** Suffixes of files that are kept beside the target of such a path. */
  companions: readonly string[];
  stop: AbortController;
}

/**
 * Reads layers, lowest first, into one view: one pass over each, several at once, nothing on disk.
 * Layers are read a second time only for files that are wanted under a name with links. Errors: also TableRefuted.
 */
export async function readLayers(
  sources: readonly LayerSource[],
  context: LayersContext,
): Promise<LayeredView> {
  const { budget, notes, stop } = context;
  budget.check('layers', sources.length, 'image');
  const together = { width: layersAtOnce, stop };
  const read = await readAll(sources, context, together);
  const tables = read.map(({ table }) => table);
  const merged = new MergedLayers({ ...context, tables });
  const unkept = findUnkept(merged, context);
  await someAtOnce(
    sources,
    async (source, layer) => {
      const entries = unkept.get(layer);
      const { table, record, part } = read[layer]!;
      if (entries && part) await part.keep(table, entries.contents);
      else if (entries && !record?.recallLinked(table, entries, budget, source.where)) {
        if (source.again) {
          await rereadLayer(source, context, table, entries);
          record?.keepLinked(table, entries);
        } else {
          const detail = 'a wanted file is a link to one that had already gone by';
          notes.add('content_not_kept', source.where, detail);
        }
      }
      await record?.keep();
    },
    together,
  );
  const view = new LayeredView(
    read.map(({ layer }): Layer => layer),
    merged,
    budget.limits.links,
    (path) => context.wanted(path) || context.companions.some((ending) => path.endsWith(ending)),
  );
  await readOtherParts(read, view, context);
  return view;
}

/** Layers that are not kept begin first: their bytes come while the others are taken from the cache. */
async function readAll(
  sources: readonly LayerSource[],
  context: LayersContext,
  together: AtOnceOptions,
): Promise<ReadLayer[]> {
  const isKept = sources.map(({ layer }) => context.cache?.has(layer) === true);
  const order = [...sources.keys()].sort((a, b) => Number(isKept[a]) - Number(isKept[b]));
  const read: ReadLayer[] = [];
  const readOne = async (at: number) => {
    if (isKept[at]) await breathe();
    read[at] = await readLayer(sources[at]!, context);
  };
  await someAtOnce(order, readOne, together);
  return read;
}

/** Package files of layers that were read in part, and the lists of their owners. Those of whole layers are read already. */
async function readOtherParts(
  read: readonly ReadLayer[],
  view: LayeredView,
  { packageFiles, ownerLists, packageFilesOf }: LayersContext,
): Promise<void> {
  if (!packageFiles || !packageFilesOf || read.every(({ part }) => part === undefined)) return;
  const places = packageFilesOf(view).flatMap((path) => {
    // A symbolic link with the name of a package file makes none of its target, in whole layers neither.
    const place = view.stat(path, false)?.type === 'file' ? view.place(path) : undefined;
    return place ? [{ ...place, path }] : [];
  });
  for (const [layer, { part, table }] of read.entries()) {
    const own = places.filter((place) => place.layer === layer);
    if (own.length > 0) await part?.readPackageFiles(table, own, packageFiles);
  }
  if (!ownerLists || [...view.packageFiles()].length === 0) return;
  for (const { part, table } of read) if (part) await part.keep(table, part.at(ownerLists));
}
