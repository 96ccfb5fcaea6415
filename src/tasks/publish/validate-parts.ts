import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describeContent, openContent } from '../../comply/index.ts';
import { feedTables } from '../../distros/builds.ts';
import { ScapfeedError } from '../../model/error.ts';
import { isContentPath, type Manifest } from '../../model/feed/index.ts';
import { pushTo } from '../../model/order.ts';
import { isOwn, isTable, readFeedManifest } from '../../publish/feed/part.ts';
import { assessmentParts } from '../../published/assessment-parts.ts';
import { belongsTo } from '../../published/names.ts';
import { checkIndexFile } from '../../validate/feed-files.ts';
import { type ValidateOptions, validateFile } from '../../validate/index.ts';
import { assertSchema } from '../../validate/json-schema.ts';

export interface PartsOptions {
  /** Digests of files that were validated before: XML is not validated twice, 9 MB take a second. */
  known: ReadonlySet<string>;
  /** With OVAL, XCCDF and data streams. */
  oval: boolean;
  /** With benchmarks. */
  content: boolean;
  /** Folder of the official schemas, to validate XML against them as well. */
  official?: string;
}

/**
 * Faults that validation finds in a feed, by platform. A broken file holds back its own platforms; a broken manifest or
 * detail file concerns all of them and ends the publish.
 */
export async function invalidPlatforms(
  directory: string,
  { known, oval, content, official }: PartsOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const manifest = readFeedManifest(directory);
  assertSchema('manifest', manifest, `${directory}/manifest.json`);
  const invalid = new Map<string, string[]>();
  for (const { path, sha256 } of manifest.outputs) {
    const faults = path.startsWith('index/')
      ? await indexFaults(directory, path, owners(manifest, path).length > 0)
      : oval && path.endsWith('.xml') && !known.has(sha256)
        ? await documentFaults(directory, path, official)
        : content && isContentPath(path) && !known.has(sha256)
          ? contentFaults(directory, manifest, path)
          : [];
    if (faults.length === 0) continue;
    for (const owner of owners(manifest, path)) for (const fault of faults) pushTo(invalid, owner, fault);
  }
  return invalid;
}

function owners(manifest: Manifest, path: string): string[] {
  const { platforms } = manifest;
  const ids = platforms.map(({ id }) => id);
  const own = platforms
    .filter(({ id, source }) => isOwn(path, id, manifest) || isTable(path, source, ids))
    .map(({ id }) => id);
  return [...own, ...assessmentParts.filter((part) => belongsTo(path, part))];
}

async function indexFaults(directory: string, path: string, owned: boolean): Promise<string[]> {
  try {
    await checkIndexFile(directory, path, feedTables());
    return [];
  } catch (error) {
    if (!owned) throw error;
    if (error instanceof SyntaxError) return [`a line that is not JSON (${path})`];
    if (error instanceof ScapfeedError) return [`${error.message} (${error.where ?? path})`];
    throw error;
  }
}

/** A benchmark must open, and agree with the manifest. */
function contentFaults(directory: string, { content = [] }: Manifest, path: string): string[] {
  const entry = content.find((known) => known.path === path);
  try {
    const { benchmark, profiles } = describeContent(openContent(join(directory, path)));
    const entryFacts = { benchmark: entry?.benchmark, profiles: entry?.profiles };
    if (isDeepStrictEqual(entryFacts, { benchmark, profiles })) return [];
    return [`the benchmark is not the one that the manifest describes (${path})`];
  } catch (error) {
    if (error instanceof ScapfeedError) return [`${error.message} (${path})`];
    throw error;
  }
}

async function documentFaults(directory: string, path: string, official?: string): Promise<string[]> {
  const options: ValidateOptions = { profile: 'always', ...(official === undefined ? {} : { official }) };
  const { valid, problems, counts } = await validateFile(join(directory, path), options);
  if (valid) return [];
  const first = problems.find(({ level }) => level === 'error')!;
  const more = counts.reduce((sum, { level, count }) => sum + (level === 'error' ? count : 0), 0) - 1;
  const others = more > 0 ? ` and ${more} more` : '';
  return [`${first.message}${others} (${path} line ${first.line}; see \`scapfeed validate\`)`];
}
