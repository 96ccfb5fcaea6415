import { compareCodeUnits } from '../../model/index.ts';
import { isListPath, type ListedBlock, listedBlocks } from '../blocks/listed-blocks.ts';
import type { Site } from '../site/layout.ts';

/**
 * Blocks in one manifest: a layer takes about 260 bytes, and registries take manifests of 4 MB, some of them of not more than some
 * thousand layers.
 */
const mostLayers = 4000;

/** Blocks that one manifest names, sorted. */
export interface BlockGroup {
  /** No role of the feed has such a name, as it has an underscore. */
  name: string;
  blocks: readonly ListedBlock[];
}

/**
 * The blocks that the lists among `paths` name, each once, in groups by the first digits of their digests: a block is in the same
 * manifest every night, so that its publisher knows from this manifest what the registry has.
 */
export function blockGroups(site: Site, paths: readonly string[]): BlockGroup[] {
  const blocks = new Map<string, ListedBlock>();
  for (const path of paths.filter(isListPath))
    for (const block of listedBlocks(site, path)) blocks.set(block.sha256, block);
  const sorted = [...blocks.values()].sort((a, b) => compareCodeUnits(a.sha256, b.sha256));
  for (let digits = 0; ; digits++) {
    const groups = Map.groupBy(sorted, ({ sha256 }) => sha256.slice(0, digits));
    if ([...groups.values()].some(({ length }) => length > mostLayers)) continue;
    return [...groups].map(([start, blocks]) => ({ name: `blocks_${start || 'all'}`, blocks }));
  }
}
