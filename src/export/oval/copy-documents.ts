import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Feed } from '../../feed/read/feed.ts';
import { fileDigest } from '../../io/digest.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FeedOutput } from '../../model/feed/index.ts';
import type { ExportTarget, TargetWork } from '../target.ts';

/** The OVAL of the feed, with the lists of what it cannot say and the compressed copies, in one folder. */
export const ovalTarget: ExportTarget = {
  name: 'oval',
  title: 'OVAL interpreters',
  ...documentsIn('oval/', 'build the feed without --no-oval, or pull it with `scapfeed pull --oval`'),
};

/** The SCAP data streams of the feed, and their benchmarks. */
export const dsTarget: ExportTarget = {
  name: 'ds',
  title: 'SCAP data streams',
  ...documentsIn('scap/', 'build the feed with --scap, or pull it with `scapfeed pull --oval`'),
};

/** Documents that a build wrote are copied, and checked by the digests of the manifest. */
function documentsIn(
  prefix: string,
  remedy: string,
): Pick<ExportTarget, 'require' | 'write' | 'knowsUnread'> {
  const documentsOf = ({ manifest }: Feed) => manifest.outputs.filter(({ path }) => path.startsWith(prefix));
  return {
    require(feed) {
      if (documentsOf(feed).length > 0) return;
      throw new ScapfeedError({
        code: 'USAGE',
        message: `the feed has no documents in ${prefix}`,
        where: feed.directory,
        remedy,
      });
    },
    write: (work) => copyDocuments(work, documentsOf(work.feed)),
    knowsUnread: true,
  };
}

async function copyDocuments(
  { feed, folder, inexact }: TargetWork,
  documents: readonly FeedOutput[],
): Promise<void> {
  const { platforms, outputs } = feed.manifest;
  for (const document of documents) await copyDocument(feed.directory, folder, document);
  for (const { id, statements } of platforms) {
    const own = documents.some(({ path }) => basename(path).startsWith(`${id}.`));
    if (own) inexact.wrote(id, statements);
    else inexact.without(id, 'the feed has no document of it');
    const list = outputs.find(({ path }) => path === `oval/${id}.inexact.json`);
    if (own && list) noteInexact(id, readWhole(join(feed.directory, list.path)), list, inexact);
  }
}

/** Copies the causes from the build's list. */
function noteInexact(
  platform: string,
  bytes: Buffer,
  { path, sha256 }: FeedOutput,
  inexact: TargetWork['inexact'],
): void {
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw corrupt(path);
  const { entries } = parseForeignJson(bytes) as {
    entries: { cause: string; what: string; items?: string[] }[];
  };
  for (const { cause, what, items } of entries)
    if (items) inexact.item(platform, cause, what, '', items);
    else inexact.general(platform, cause, what);
}

async function copyDocument(root: string, folder: string, { path, sha256 }: FeedOutput): Promise<void> {
  const target = join(folder, basename(path));
  copyFileSync(join(root, path), target);
  const copied = await fileDigest(target);
  if (copied.sha256 !== sha256) throw corrupt(path);
}

function corrupt(path: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'file does not have the sha256 that the manifest gives',
    where: path,
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}
