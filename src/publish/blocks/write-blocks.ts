import { someAtOnce } from '../../io/at-once.ts';
import { isAssessmentPart } from '../../published/assessment-parts.ts';
import {
  type BlockCatalog,
  type BlockedFile,
  blockFormat,
  blockPath,
  catalogName,
  type FileBlocks,
  listName,
  searchName,
} from '../../published/block-list.ts';
import { isShard, smallestForm, targetPath } from '../../published/names.ts';
import { searchPath } from '../../published/search-record.ts';
import { compress } from '../feed/encoding.ts';
import { isOffsets, readLines, sha256 } from '../feed/lines.ts';
import type { FeedPart } from '../feed/part.ts';
import type { Site } from '../site/layout.ts';
import { fileInfo } from '../site/sign-site.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import { cutBlocks } from './cut.ts';
import { nameDigest } from './list.ts';
import { searchFile } from './search-file.ts';

/** Blocks above which a file has a list of its own: most scans need few of them, or none. */
const longList = 256;

/** A part and the targets of its whole files. */
export interface PartTargets {
  part: FeedPart;
  targets: Readonly<Record<string, TargetInfo>>;
}

/**
 * Writes the files of the index as blocks, each compressed alone and named by its digest, and their lists. Returns the lists as
 * targets. Blocks that are there already are not written again.
 */
export async function writeBlocks(
  site: Site,
  parts: readonly PartTargets[],
): Promise<Record<string, TargetInfo>> {
  const lists: Record<string, TargetInfo> = {};
  const list = async (name: string, content: object) => {
    lists[name] = await writeList(site, name, content);
  };
  const shared: FileBlocks[] = [];
  const manifests: BlockCatalog['parts'] = {};
  for (const { part, targets } of parts) {
    const isShared = isAssessmentPart(part.platform);
    manifests[part.platform] = { ...part.manifest, outputs: isShared ? part.manifest.outputs : [] };
    const files: FileBlocks[] = [];
    for (const { path } of part.manifest.outputs.filter((output) => isRead(output.path))) {
      const file = await writeFile(site, part, path, targets);
      if (file.keys.length <= longList) {
        files.push(file);
        continue;
      }
      const own = listName(part.platform, path.slice(path.lastIndexOf('/') + 1));
      await list(own, { format: blockFormat, files: [file] });
      const { whole } = file;
      files.push({ path, whole, list: own, keys: [], plain: [], served: [], digests: '' });
    }
    if (isShared) shared.push(...files);
    else await list(listName(part.platform), { format: blockFormat, files });
  }
  await list(catalogName, { format: blockFormat, parts: manifests, files: shared });
  return lists;
}

/** Files that a scan looks up lines in; exports alone read the list of binaries. */
function isRead(path: string): boolean {
  return path.startsWith('index/') && !isOffsets(path) && !path.endsWith('.binaries.jsonl');
}

async function writeFile(
  site: Site,
  part: FeedPart,
  path: string,
  targets: PartTargets['targets'],
): Promise<FileBlocks> {
  const content = await part.load(path);
  return {
    ...(await writeContent(site, content, path)),
    ...wholeOf(`${part.platform}/${path}`, targets),
    ...(isShard(path, part.platform) && { names: namesOf(content, path) }),
  };
}

async function writeContent(site: Site, content: Buffer, path: string): Promise<BlockedFile> {
  const blocks = cutBlocks(content, path);
  const written = await someAtOnce(blocks, async ({ start, end }) => {
    const bytes = await compress(content.subarray(start, end), 'gz');
    const digest = sha256(bytes);
    if (!site.has(blockPath(digest))) await site.write(blockPath(digest), bytes);
    return { length: bytes.length, digest };
  });
  return {
    path,
    keys: blocks.map(({ key }) => key),
    plain: blocks.map(({ start, end }) => end - start),
    served: written.map(({ length }) => length),
    digests: Buffer.from(written.map(({ digest }) => digest).join(''), 'hex').toString('base64'),
  };
}

/** Writes the file by which the page finds statements as blocks, and returns its list as a target. */
export async function writeSearch(
  site: Site,
  parts: readonly FeedPart[],
): Promise<Record<string, TargetInfo>> {
  const content = await searchFile(parts);
  const files = content.length === 0 ? [] : [await writeContent(site, content, searchPath)];
  return { [searchName]: await writeList(site, searchName, { format: blockFormat, files }) };
}

function wholeOf(name: string, targets: PartTargets['targets']): Pick<FileBlocks, 'whole' | 'gzip'> {
  const { name: form, info } = smallestForm(targets, name)!;
  const whole = { name: form, length: info.length, sha256: info.hashes.sha256 };
  const gzip = targets[`${name}.gz`];
  if (!gzip || form.endsWith('.gz')) return { whole };
  return { whole, gzip: { name: `${name}.gz`, length: gzip.length, sha256: gzip.hashes.sha256 } };
}

function namesOf(content: Buffer, path: string): string {
  const digests = readLines(content, path).map(({ key }) => nameDigest(key));
  return Buffer.concat(
    [...new Map(digests.map((one) => [one.readUInt32BE(0), one])).values()].sort(Buffer.compare),
  ).toString('base64');
}

async function writeList(site: Site, name: string, content: object): Promise<TargetInfo> {
  const bytes = await compress(Buffer.from(`${JSON.stringify(content)}\n`), 'gz');
  const info = fileInfo(bytes);
  const path = targetPath(name, info.hashes.sha256);
  if (!site.has(path)) await site.write(path, bytes);
  return info;
}
