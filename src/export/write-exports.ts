import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Feed } from '../feed/read/feed.ts';
import { unreadLines } from '../feed/read/whole-file.ts';
import { fileDigest } from '../io/digest.ts';
import { stageDirectory } from '../io/staging.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FeedOutput } from '../model/feed/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { Progress } from '../model/progress.ts';
import { type PlatformInexact, unreadEntries, withUnread } from './rows/inexact.ts';
import type { ExportSettings, ExportSigner } from './signer.ts';
import type { ExportTarget } from './target.ts';
import { finishTarget, type PartWork } from './write-part.ts';
import { writeParts } from './write-parts.ts';

export interface ExportOptions {
  feed: Feed;
  targets: readonly ExportTarget[];
  toolVersion: string;
  settings?: ExportSettings;
  /** Examples of each cause in the lists of what is inexact; default 10. */
  examples?: number;
  /** Number of statements in the feed from which a second thread is worth its start; default 50,000. */
  threadFrom?: number;
  progress: Progress;
}

/** The output of one export target. */
export interface ExportReport {
  target: string;
  outputs: FeedOutput[];
  platforms: PlatformInexact[];
}

/** `manifest.json` of a folder of exports: what it was made from, and the digest of every file. */
export interface ExportManifest {
  format: 1;
  tool: { name: 'scapfeed'; version: string };
  /** The date of the feed's data. */
  created: string;
  targets: string[];
  outputs: FeedOutput[];
}

/** Writes exports into a folder that replaces `out` as a whole; if anything fails, the last export stays. */
export async function replaceExports(out: string, options: ExportOptions): Promise<ExportReport[]> {
  const staging = stageDirectory(out);
  try {
    const reports = await writeExports(staging.path, options);
    const manifest: ExportManifest = {
      format: 1,
      tool: { name: 'scapfeed', version: options.toolVersion },
      created: options.feed.manifest.created,
      targets: reports.map(({ target }) => target),
      outputs: reports.flatMap(({ outputs }) => outputs),
    };
    writeFileSync(join(staging.path, 'manifest.json'), `${JSON.stringify(manifest, undefined, 1)}\n`);
    staging.commit();
    return reports;
  } catch (error) {
    staging.discard();
    throw error;
  }
}

/**
 * Writes each target into the folder of its name below `root`, and next to it the list of what the layout cannot express exactly.
 */
export async function writeExports(root: string, options: ExportOptions): Promise<ExportReport[]> {
  const { targets, feed, settings = {}, toolVersion, progress, examples } = options;
  for (const target of targets) target.require?.(feed);
  const work: PartWork = { feed, root, settings: openingOnce(settings), toolVersion, progress, examples };
  // Before what takes minutes: a passphrase may be wrong.
  if (targets.some(({ signs }) => signs)) await work.settings.signer?.(feed.manifest.created);
  const inexact = new Map(targets.map(({ name }) => [name, [] as PlatformInexact[]]));
  for (const { name } of targets) mkdirSync(join(root, name), { recursive: true });
  await writeParts(
    targets,
    work,
    (target, platforms) => inexact.get(target)!.push(...platforms),
    options.threadFrom,
  );
  const unread = new Map(
    feed.manifest.platforms.map(({ id, marks }) => [id, unreadEntries(unreadLines(feed, id), marks)]),
  );
  const reports: ExportReport[] = [];
  for (const target of targets) {
    const all = [...inexact.get(target.name)!, ...(await finishTarget(target, work))];
    const platforms = all
      .map((each) => (target.knowsUnread ? each : withUnread(each, unread.get(each.platform)!)))
      .sort((a, b) => compareCodeUnits(a.platform, b.platform));
    requirePlatform(target, platforms);
    const list = join(root, `${target.name}.inexact.json`);
    const text = { format: 1, target: target.name, updated: feed.manifest.created, platforms };
    writeFileSync(list, `${JSON.stringify(text, undefined, 1)}\n`);
    const files = [...filesBelow(join(root, target.name), target), list];
    const outputs: FeedOutput[] = [];
    for (const path of files) outputs.push({ path: relative(root, path), ...(await fileDigest(path)) });
    reports.push({
      target: target.name,
      outputs: outputs.sort((a, b) => compareCodeUnits(a.path, b.path)),
      platforms,
    });
  }
  return reports;
}

/** The key is opened, and its passphrase asked for, once. */
function openingOnce(settings: ExportSettings): ExportSettings {
  const { signer: open, ...others } = settings;
  if (!open) return settings;
  let opened: Promise<ExportSigner> | undefined;
  return {
    ...others,
    signer: (created) => {
      opened ??= open(created);
      return opened;
    },
  };
}

/** An export without any platform loads, and its scanner finds nothing: that would read as clean. */
function requirePlatform({ name, title }: ExportTarget, platforms: readonly PlatformInexact[]): void {
  const [first] = platforms;
  if (!first || platforms.some(({ without }) => without === undefined)) return;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `${title} would contain none of the feed's platforms`,
    where: `${first.platform}: ${first.without}`,
    remedy: `omit ${name} from the targets, and scan with \`scapfeed scan\``,
  });
}

/** Half a million documents take seconds to list: folders that are held in archives are not opened. */
function filesBelow(folder: string, { heldInArchives }: ExportTarget): string[] {
  const files: string[] = [];
  const add = (within: string) => {
    for (const entry of readdirSync(join(folder, within), { withFileTypes: true })) {
      const path = join(within, entry.name);
      if (entry.isFile()) files.push(join(folder, path));
      else if (entry.isDirectory() && heldInArchives?.(path) !== true) add(path);
    }
  };
  add('');
  return files;
}
