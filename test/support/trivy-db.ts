import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Flaws in trivy's database: fixed version by system (`debian 12`), source package and id; '': none yet. */
export type TrivyAdvisories = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>
>;

/**
 * Writes a database as trivy reads it (bbolt, schema 2) into a folder that trivy takes as --cache-dir. All buckets lie inline
 * in the root leaf, which bbolt reads as it reads any other.
 */
export function writeTrivyDb(cache: string, advisories: TrivyAdvisories): void {
  const ids = new Set(
    Object.values(advisories).flatMap((sources) => Object.values(sources).flatMap(Object.keys)),
  );
  const root: Bucket = {
    'data-source': json(
      Object.fromEntries(
        Object.keys(advisories).map((system) => [
          system,
          { ID: 'debian', Name: 'test', URL: 'https://example.test' },
        ]),
      ),
    ),
    vulnerability: json(Object.fromEntries([...ids].map((id) => [id, { Title: id, Severity: 'HIGH' }]))),
    ...Object.fromEntries(
      Object.entries(advisories).map(([system, sources]) => [
        system,
        Object.fromEntries(
          Object.entries(sources).map(([source, flaws]) => [
            source,
            json(
              Object.fromEntries(Object.entries(flaws).map(([id, fixed]) => [id, { FixedVersion: fixed }])),
            ),
          ]),
        ),
      ]),
    ),
  };
  writeTrivyBuckets(cache, root);
}

/** The same with all buckets as they are given. */
export function writeTrivyBuckets(cache: string, root: Bucket): void {
  mkdirSync(join(cache, 'db'), { recursive: true });
  writeFileSync(join(cache, 'db/trivy.db'), boltFile(root));
  const far = '2099-01-01T00:00:00Z';
  writeFileSync(
    join(cache, 'db/metadata.json'),
    JSON.stringify({
      Version: 2,
      NextUpdate: far,
      UpdatedAt: '2026-01-01T00:00:00Z',
      DownloadedAt: '2026-01-01T00:00:00Z',
    }),
  );
}

export type Bucket = { [key: string]: Bucket | Buffer };

function json(values: Readonly<Record<string, unknown>>): Bucket {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(JSON.stringify(value))]),
  );
}

const pageSize = 4096;
const metaFlag = 4;
const freelistFlag = 16;
const leafFlag = 2;
const bucketLeaf = 1;

/** Two meta pages, a freelist and a leaf for the root bucket. */
function boltFile(root: Bucket): Buffer {
  const leaf = leafPage(root);
  const pages = Math.ceil(leaf.length / pageSize);
  const file = Buffer.alloc(pageSize * (3 + pages));
  const rootPage = 3;
  for (const at of [0, 1]) {
    file.writeBigUInt64LE(BigInt(at), at * pageSize);
    file.writeUInt16LE(metaFlag, at * pageSize + 8);
    meta(rootPage, 3 + pages, at).copy(file, at * pageSize + 16);
  }
  file.writeBigUInt64LE(2n, 2 * pageSize);
  file.writeUInt16LE(freelistFlag, 2 * pageSize + 8);
  leaf.copy(file, rootPage * pageSize);
  file.writeBigUInt64LE(BigInt(rootPage), rootPage * pageSize);
  file.writeUInt32LE(pages - 1, rootPage * pageSize + 12);
  return file;
}

function meta(rootPage: number, end: number, transaction: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(0xed0cdaed, 0);
  bytes.writeUInt32LE(2, 4);
  bytes.writeUInt32LE(pageSize, 8);
  bytes.writeBigUInt64LE(BigInt(rootPage), 16);
  bytes.writeBigUInt64LE(2n, 32);
  bytes.writeBigUInt64LE(BigInt(end), 40);
  bytes.writeBigUInt64LE(BigInt(transaction), 48);
  bytes.writeBigUInt64LE(fnv1a(bytes.subarray(0, 56)), 56);
  return bytes;
}

/** A page header, the elements in order of their keys, then keys and values. A bucket's value is a header and a leaf of its own. */
function leafPage(bucket: Bucket): Buffer {
  const items = Object.entries(bucket)
    .map(([key, value]) => ({ key: Buffer.from(key), value }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  const head = Buffer.alloc(16 + 16 * items.length);
  head.writeUInt16LE(leafFlag, 8);
  head.writeUInt16LE(items.length, 10);
  const data: Buffer[] = [];
  let end = head.length;
  for (const [at, { key, value }] of items.entries()) {
    const isBucket = !Buffer.isBuffer(value);
    const bytes = isBucket ? Buffer.concat([Buffer.alloc(16), leafPage(value)]) : value;
    const element = 16 + 16 * at;
    head.writeUInt32LE(isBucket ? bucketLeaf : 0, element);
    head.writeUInt32LE(end - element, element + 4);
    head.writeUInt32LE(key.length, element + 8);
    head.writeUInt32LE(bytes.length, element + 12);
    data.push(key, bytes);
    end += key.length + bytes.length;
  }
  return Buffer.concat([head, ...data]);
}

function fnv1a(bytes: Buffer): bigint {
  let value = 0xcbf29ce484222325n;
  for (const byte of bytes) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value;
}
