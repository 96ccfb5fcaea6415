import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { type DocumentInfo, documentInfo, shortId } from '../../comply/index.ts';
import { line } from '../../report/printable.ts';
import { textTable, thousands } from '../../report/text-table.ts';
import { readContentBytes } from '../content/bytes.ts';
import { toolVersion } from '../tool-version.ts';

/** The description of a file's contents. */
export interface DescribedFile extends DocumentInfo {
  /** The file name, without its folder. */
  file: string;
  /** Decompressed size in bytes. */
  bytes: number;
  sha256: string;
}

export async function describeFile(path: string): Promise<DescribedFile> {
  const bytes = await readContentBytes(path);
  const found = documentInfo(bytes, basename(path), toolVersion);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { file: basename(path), bytes: bytes.length, sha256, ...found };
}

/** Describes a document as a table. */
export function infoTable({ kind, facts, profiles, counts, bytes, sha256 }: DescribedFile): string {
  const all = [
    ...facts,
    { name: 'bytes', value: thousands(bytes) },
    { name: 'sha256', value: sha256 },
    ...Object.entries(counts).map(([name, count]) => ({ name, value: thousands(count) })),
  ];
  const width = Math.max(...all.map(({ name }) => name.length));
  const rows = profiles.map(({ id, title, rules }) => [
    shortId(id),
    rules === undefined ? '-' : thousands(rules),
    title,
  ]);
  return [
    line(kind),
    ...all.map(({ name, value }) => line(`  ${name.padEnd(width)}  ${value}`)),
    ...(rows.length > 0 ? ['\n', textTable(['PROFILE', 'RULES', 'TITLE'], rows)] : []),
  ].join('');
}
