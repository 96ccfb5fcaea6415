import { lastNotAfter } from '../../feed/read/sorted-keys.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { blockPath, digestOfBlock, type SearchList } from '../../published/block-list.ts';
import { lineOf } from '../../published/remote-files.ts';
import type { SearchRecord } from '../../published/search-record.ts';
import { type BlockSource, isMissing, signedBytes, unfolded } from './fetch-blocks.ts';

/** What the search file says of a name; no packages where it has no line. Undefined: the origin lacks the block that would have it. */
export async function searchRemote(
  source: BlockSource,
  { files }: SearchList,
  id: string,
): Promise<SearchRecord['packages'] | undefined> {
  const { origin } = source;
  for (const { keys, served, plain, digests } of files) {
    const at = id.isWellFormed() ? lastNotAfter(keys, id) : -1;
    if (at < 0) continue;
    const digest = digestOfBlock({ digests }, at);
    const path = blockPath(digest);
    let bytes: Buffer;
    try {
      bytes = await signedBytes(source, path, served[at]!, digest);
    } catch (error) {
      if (origin.mayLackBlocks && isMissing(error)) return undefined;
      throw error;
    }
    const text = unfolded(bytes, plain[at]!, `${origin.name}/${path}`).toString('utf8');
    const line = lineOf(text, id, 'id');
    if (line !== undefined) return (parseForeignJson(line) as SearchRecord).packages;
  }
  return {};
}
