import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseForeignJson } from '../io/foreign-json.ts';
import { readNamed } from '../io/read-at-most.ts';
import type { Manifest } from '../model/feed/index.ts';
import { usage } from '../tasks/given-words.ts';
import type { OptionTable } from '../tasks/option.ts';
import { schemeOf } from './options/targets.ts';
import type { Level } from './settings.ts';

/** The words for values that are files or folders, in an option's help and in the name of an operand. */
const namesFiles = /FILE|DIR|PLACE|POLICY|LIST|IMAGE|CONTENT|RESULTS|OLD|NEW|REF/;

/** The texts of a command line, its variables and its settings file that name what the command reads. */
export function textsRead(
  { operands: names, options }: { operands: readonly string[]; options: OptionTable },
  settled: Level,
  operands: readonly string[],
): string[] {
  const named = [...settled].flatMap(([name, { texts }]) => {
    const option = options[name];
    return option && name !== 'output' && namesFiles.test(option.metavar) ? texts : [];
  });
  const reports = [...(settled.get('output')?.texts ?? [])].flatMap(
    (text) => /^template=([^=]+)/.exec(text)?.[1] ?? [],
  );
  return [
    ...named,
    ...reports,
    ...operands.filter((_, at) => namesFiles.test(names[at] ?? names.at(-1) ?? '')),
  ];
}

/**
 * Refuses a report that would be written over what the command reads, by whatever name or link: the next run would have lost it. Also a
 * file of a feed and of an image's layout.
 * @throws {ScapfeedError} USAGE
 */
export function requireOutputsApart(
  command: string,
  outputs: readonly (string | undefined)[],
  read: readonly string[],
): void {
  for (const file of outputs) {
    const stats = file === undefined ? undefined : regularFile(file);
    if (!stats) continue;
    const same = read.find((text) => placesOf(text).some((place) => isSame(stats, regularFile(place))));
    const why = same === undefined ? partOf(realpathSync(file!)) : `which this command reads as ${same}`;
    if (why !== undefined)
      throw usage(
        command,
        `-o: the report would be written over ${file}, ${why}`,
        'give the report a file of its own',
      );
  }
}

/** A text may have a scheme, as `sbom:FILE`, or a word before its file, as `root=FILE`. */
function placesOf(text: string): string[] {
  const equals = text.indexOf('=');
  return [text, text.slice(schemeOf(text).length), ...(equals === -1 ? [] : [text.slice(equals + 1)])];
}

/** The feed or the layout of an image that a file is a part of. */
function partOf(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = relative(folder, file);
    if (filesOfFeed(folder)?.has(path)) return `a file of the feed ${folder}`;
    const isLayout = regularFile(join(folder, 'oci-layout')) !== undefined;
    if (isLayout && /^(?:oci-layout$|index\.json$|blobs\/)/.test(path))
      return `a file of the image ${folder}`;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Bytes. */
const longestManifest = 16 << 20;

function filesOfFeed(folder: string): ReadonlySet<string> | undefined {
  try {
    const { outputs } = parseForeignJson(readNamed(join(folder, 'manifest.json'), longestManifest)) as Pick<
      Manifest,
      'outputs'
    >;
    return new Set(['manifest.json', ...outputs.map(({ path }) => path)]);
  } catch {
    return undefined;
  }
}

function regularFile(path: string): BigIntStats | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

function isSame(a: BigIntStats, b: BigIntStats | undefined): boolean {
  return a.dev === b?.dev && a.ino === b.ino;
}
