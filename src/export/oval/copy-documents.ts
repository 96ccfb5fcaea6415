import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileDigest } from '../../io/digest.ts';
import { type FeedOutput, ScapfeedError } from '../../model/index.ts';
import type { ExportTarget, TargetWork } from '../target.ts';

/** The OVAL of the feed, with the lists of what it cannot say and the compressed copies, in one folder. */
export const ovalTarget: ExportTarget = {
  name: 'oval',
  title: 'OVAL interpreters',
  write: (work) =>
    copyDocuments(work, 'oval/', 'build the feed without --no-oval, or pull it with `scapfeed pull --oval`'),
};

/** The SCAP data streams of the feed, and their benchmarks. */
export const dsTarget: ExportTarget = {
  name: 'ds',
  title: 'SCAP data streams',
  write: (work) =>
    copyDocuments(work, 'scap/', 'build the feed with --scap, or pull it with `scapfeed pull --oval`'),
};

/** Documents that a build wrote are copied, and checked by the digests of the manifest. */
async function copyDocuments(
  { feed, folder, inexact }: TargetWork,
  prefix: string,
  remedy: string,
): Promise<void> {
  const { outputs, platforms } = feed.manifest;
  const documents = outputs.filter(({ path }) => path.startsWith(prefix));
  if (documents.length === 0)
    throw new ScapfeedError({
      code: 'USAGE',
      message: `the feed has no documents in ${prefix}`,
      where: feed.directory,
      remedy,
    });
  for (const document of documents) await copyDocument(feed.directory, folder, document);
  for (const { id, statements } of platforms) {
    const own = documents.some(({ path }) => basename(path).startsWith(`${id}.`));
    if (own) inexact.wrote(id, statements);
    else inexact.without(id, 'the feed has no document of it');
  }
}

async function copyDocument(root: string, folder: string, { path, sha256 }: FeedOutput): Promise<void> {
  const target = join(folder, basename(path));
  copyFileSync(join(root, path), target);
  const copied = await fileDigest(target);
  if (copied.sha256 === sha256) return;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'file does not have the sha256 that the manifest gives',
    where: path,
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}
