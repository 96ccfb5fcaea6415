import { digestOfBlock, isListName, searchName } from '../../published/block-list.ts';
import type { Site } from '../site/layout.ts';
import { readList, readSearchList } from './list.ts';

/** A block of a published folder: sha256 in hexadecimal and length in bytes, as served. */
export interface ListedBlock {
  sha256: string;
  length: number;
}

/** True for the path of a list of blocks in a published folder. */
export function isListPath(path: string): boolean {
  return path.startsWith('targets/') && isListName(path.slice('targets/'.length));
}

/** The blocks that a list of a published folder names; none if the folder lacks the list. */
export function* listedBlocks(site: Site, path: string): Generator<ListedBlock> {
  const bytes = site.read(path);
  if (!bytes) return;
  const isSearch = path.endsWith(searchName.slice(searchName.lastIndexOf('/')).replace('/', '.'));
  for (const file of (isSearch ? readSearchList : readList)(bytes, path).files)
    for (const at of file.keys.keys()) yield { sha256: digestOfBlock(file, at), length: file.served[at]! };
}
