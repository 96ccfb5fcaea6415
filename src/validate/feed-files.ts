import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileDigest } from '../io/digest.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { ScapfeedError } from '../model/error.ts';
import type { ClaimKind, FeedOutput, Manifest, ShardRecord, StoredClaim } from '../model/feed/index.ts';
import { assertSchema, type NamedSchema, type SchemaName } from './json-schema.ts';

/**
 * Checks a whole feed: the manifest's schema, every output's size and digest, every line of every index. `tables`: what
 * sources give beside their statements.
 */
export async function checkFeed(
  root: string,
  tables: readonly NamedSchema[] = [],
): Promise<{ files: number; lines: number }> {
  const manifest = await readManifest(join(root, 'manifest.json'));
  assertSchema('manifest', manifest, join(root, 'manifest.json'));
  if (manifest.platforms.length === 0) throw noPlatform(root);
  let lines = 0;
  for (const output of manifest.outputs) {
    await checkDigest(root, output);
    lines += await checkIndexFile(root, output.path, tables);
  }
  return { files: manifest.outputs.length, lines };
}

/** A feed without platforms is useless even if all of its files are valid. */
function noPlatform(root: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the feed has no platform: nothing can be judged by it',
    where: join(root, 'manifest.json'),
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8');
  try {
    return parseForeignJson(text) as Manifest;
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FEED_CORRUPT',
      message: 'the manifest is not JSON',
      where: path,
      remedy: 'build or pull the feed again; this copy must not be used',
      cause,
    });
  }
}

/** Checks the lines of an index file against their schema; returns how many there are, 0 for other files. */
export async function checkIndexFile(
  root: string,
  path: string,
  tables: readonly NamedSchema[] = [],
): Promise<number> {
  if (path.endsWith('.offsets.json')) {
    assertSchema('offsets', parseForeignJson(await readFile(join(root, path), 'utf8')), path);
    return 0;
  }
  const schema = lineSchema(path, tables);
  if (!schema) return 0;
  let count = 0;
  const references = schema === 'shard-line' ? new ShardReferences() : undefined;
  for await (const line of createInterface({ input: createReadStream(join(root, path)), crlfDelay: 0 })) {
    count += 1;
    const record = parseForeignJson(line);
    const where = `${path} line ${count}`;
    assertSchema(schema, record, where);
    references?.check(record as ShardRecord, where);
  }
  return count;
}

/** Files of every index that are not shards. */
const details: Readonly<Record<string, SchemaName>> = {
  advisories: 'advisory',
  epss: 'epss-line',
  exploited: 'exploited',
  ratings: 'ratings',
  'ratings.scores': 'scores-line',
  vex: 'vex-line',
  vulnerabilities: 'vulnerability',
};

function lineSchema(path: string, tables: readonly NamedSchema[]): SchemaName | NamedSchema | undefined {
  const [, name] = /^index\/(.*)\.jsonl$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  if (name.endsWith('.binaries')) return 'binaries';
  return details[name] ?? tables.find((table) => table.name === name) ?? 'shard-line';
}

/** Checks across lines: claims name kinds and lists that lines above have, and fit their kinds. */
class ShardReferences {
  #kinds: readonly ClaimKind[] = [];
  readonly #lists = new Set<string>();

  check(record: ShardRecord, where: string): void {
    if ('kinds' in record) this.#kinds = record.kinds;
    else if ('list' in record) this.#lists.add(record.list);
    else for (const claim of record.claims) this.#checkClaim(claim, where);
  }

  #checkClaim({ kind: at, fixed, ids }: StoredClaim, where: string): void {
    const kind = this.#kinds[at];
    if (!kind) throw violation(`kind ${at} is not among the shard's kinds`, where);
    if ((kind.status === 'fixed') !== (fixed !== undefined))
      throw violation('a fixed version stands in the claims that are fixed, and in no other', where);
    const missing = ids.find((id) => id.startsWith('#') && !this.#lists.has(id));
    if (missing !== undefined) throw violation(`the shard has no list ${missing}`, where);
  }
}

function violation(message: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SCHEMA_VIOLATION',
    message,
    where,
    remedy: 'the program that wrote the file is at fault; please report it',
  });
}

async function checkDigest(root: string, output: FeedOutput): Promise<void> {
  const { sha256, size } = await fileDigest(join(root, output.path));
  if (size === output.size && sha256 === output.sha256) return;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `does not have the size and sha256 that the manifest gives (${output.size} bytes, ${output.sha256})`,
    where: join(root, output.path),
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}
