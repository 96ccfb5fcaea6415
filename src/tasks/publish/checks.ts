import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readWhole } from '../../io/read-whole.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type ExportFolder, openExportFolder } from '../../publish/exports/export-folder.ts';
import { readFeedManifest } from '../../publish/feed/part.ts';
import { termsReason } from '../../publish/terms.ts';

/** The exports to publish, made from one of the feeds. @throws {ScapfeedError} USAGE if they are of another state of it */
export async function exportsOf(directory: string, feeds: readonly string[]): Promise<ExportFolder> {
  const folder = await openExportFolder(directory);
  const dates = feeds.map((each) => readFeedManifest(each).created);
  if (dates.includes(folder.created)) return folder;
  throw usage(
    `--exports: made from a feed of ${folder.created}, and this one is of ${dates.join(', ')}`,
    'export this feed again',
  );
}

/** Exports have no signature of their own parts: a platform that is left out must be in none of them. */
export function requireTermsOf(
  { directory, targets }: ExportFolder,
  feeds: readonly string[],
  accepted: readonly string[],
): void {
  const open = feeds.flatMap((each) => {
    const { sources, platforms } = readFeedManifest(each);
    return sources.flatMap(({ name, licence, terms, ...source }) =>
      terms === undefined || accepted.includes(source.id)
        ? []
        : platforms
            .filter((platform) => platform.source === source.id)
            .map((platform) => ({ ...platform, reason: termsReason({ name, licence, terms }) })),
    );
  });
  for (const target of targets) {
    const file = join(directory, `${target}.inexact.json`);
    const text = existsSync(file) ? readWhole(file).toString('utf8') : '';
    const exported = open.find(({ id }) => text.includes(`"${id}"`));
    if (exported)
      throw usage(
        `--exports: ${target} has ${exported.id}, and ${exported.reason}`,
        `export a feed without it (build --source, or pull --platform), or publish it with --accept-terms ${exported.source}`,
      );
  }
}

/** @throws {ScapfeedError} USAGE for an id that is not a source of these feeds */
export function requireSourcesOf(feeds: readonly string[], ids: readonly string[]): void {
  const known = new Set(feeds.flatMap((each) => readFeedManifest(each).sources.map(({ id }) => id)));
  const wrong = ids.find((id) => !known.has(id));
  if (wrong === undefined) return;
  throw usage(`--accept-terms ${wrong}: the feed has no such source`, `use one of ${[...known].join(', ')}`);
}

function usage(message: string, remedy: string): ScapfeedError {
  return new ScapfeedError({ code: 'USAGE', message, remedy });
}
