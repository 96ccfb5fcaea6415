import { hash } from 'node:crypto';
import { join } from 'node:path';
import { JsonBoundError, parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { refusedAccess } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';
import {
  type FeedOutput,
  feedFormat,
  formatName,
  type Manifest,
  manifestFault,
} from '../../model/feed/index.ts';
import { corruptFeed, type Feed, feedOf, unnamed } from './feed.ts';
import type { SortedLines } from './feed-files.ts';
import { LineReader, readVerifiedAscii, requireFile } from './line-reader.ts';

/**
 * Opens the feed in a directory.
 * @throws {ScapfeedError} FEED_MISSING, FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED
 */
export function openFeed(directory: string): Feed {
  const { manifest, bytes } = readManifest(directory);
  const outputs = new Map(manifest.outputs.map((output) => [output.path, output]));
  const readers = new Map<string, LineReader>();

  function reader(path: string): LineReader {
    let open = readers.get(path);
    if (!open) {
      const offsets = path.replace(/\.[a-z]+$/, '.offsets.json');
      open = new LineReader(directory, output(path), output(offsets));
      readers.set(path, open);
    }
    return open;
  }

  function output(path: string): FeedOutput {
    const known = outputs.get(path);
    if (known) return known;
    throw unnamed(path);
  }

  const feed = feedOf(manifest, {
    lines: (path) => (outputs.has(path) ? reader(path) : undefined),
    table: (path) =>
      outputs.has(path) ? linesByKey(() => readVerifiedAscii(directory, output(path))) : undefined,
  });
  return {
    ...feed,
    directory,
    digest: () => `sha256:${hash('sha256', bytes)}`,
    close() {
      for (const open of readers.values()) open.close();
      readers.clear();
    },
  };
}

/** The lines of a file by the value of their first field; no two fields of a file have a value in common. */
function linesByKey(read: () => string): SortedLines {
  let lines: Map<string, string> | undefined;
  return {
    find(key) {
      lines ??= keyedLines(read());
      return lines.get(key);
    },
  };
}

function keyedLines(text: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const start = line.indexOf(':"') + 2;
    if (line !== '') lines.set(line.slice(start, line.indexOf('"', start)), line);
  }
  return lines;
}

function readManifest(directory: string): { manifest: Manifest; bytes: Buffer } {
  const path = join(directory, 'manifest.json');
  let bytes: Buffer;
  try {
    requireFile(path);
    bytes = readWhole(path);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FEED_MISSING',
      message: 'no feed here: expected a manifest.json',
      where: directory,
      remedy:
        'get a published feed with `scapfeed pull`, make one with `scapfeed build`, or specify one with --feed DIR',
      ...refusedAccess(cause, 'the feed'),
      cause,
    });
  }
  let manifest: Manifest;
  try {
    manifest = parseForeignJson(bytes) as Manifest;
  } catch (cause) {
    const found = cause instanceof JsonBoundError ? `too large: ${cause.message}` : 'not JSON';
    throw corruptFeed(`the manifest is ${found}`, path, cause);
  }
  if (manifest?.format !== feedFormat) {
    throw new ScapfeedError({
      code: 'FEED_FORMAT_UNSUPPORTED',
      message: `feed format ${formatName(manifest?.format)} found, this scapfeed reads format ${feedFormat}`,
      where: path,
      remedy: 'build the feed again with this version, or use the version that made it',
    });
  }
  const fault = manifestFault(manifest);
  if (fault !== undefined) throw corruptFeed('the manifest lacks required fields', `${path}#${fault}`);
  return { manifest, bytes };
}
