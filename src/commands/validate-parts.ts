import { ScapfeedError } from '../model/index.ts';
import { belongsTo, readFeedManifest } from '../publish/feed/part.ts';
import { checkIndexFile } from '../validate/feed-files.ts';
import { assertSchema } from '../validate/json-schema.ts';

/**
 * What validation finds wrong in a feed, by platform. A broken file holds back its own platform; a broken manifest or
 * detail file is everyone's and ends the publish.
 */
export async function invalidPlatforms(directory: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const manifest = readFeedManifest(directory);
  assertSchema('manifest', manifest, `${directory}/manifest.json`);
  const invalid = new Map<string, string[]>();
  for (const { path } of manifest.outputs) {
    const owner = manifest.platforms.find(({ id }) => belongsTo(path, id))?.id;
    try {
      await checkIndexFile(directory, path);
    } catch (error) {
      if (!(error instanceof ScapfeedError) || owner === undefined) throw error;
      invalid.set(owner, [...(invalid.get(owner) ?? []), `${error.message} (${error.where ?? path})`]);
    }
  }
  return invalid;
}
