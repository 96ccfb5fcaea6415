import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import cleanstartData from '../../../feeds/cleanstart.json' with { type: 'json' };
import type { RecordsDefinition } from '../../../src/distros/rolling/definition.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { zipOf } from '../../support/zip.ts';

export const cleanstartDefinition = cleanstartData as RecordsDefinition;

/** An OSV record as CleanStart writes them: a fix of one package, with the ids of its flaws. */
export function fixRecord(
  number: number,
  name: string,
  fixed: string,
  upstream: readonly string[],
  more: object = {},
): object {
  return {
    schema_version: '1.7.3',
    id: `CLEANSTART-2026-${number}`,
    upstream,
    published: '2026-07-30T07:10:53Z',
    modified: '2026-07-30T09:39:09Z',
    affected: [
      {
        package: { ecosystem: 'CleanStart', name },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
      },
    ],
    ...more,
  };
}

/** The records as the archive of a repository has them. */
export function recordsZip(records: readonly (object | Buffer)[]): Buffer {
  return zipOf(
    Object.fromEntries(
      records.map((record, at) => [
        `advisories-main/advisories/2026/${'id' in record ? String(record.id) : at}.json`,
        Buffer.isBuffer(record) ? record : JSON.stringify(record),
      ]),
    ),
  );
}

/** A mirror with an archive. */
export function writeCleanstartMirror(records: readonly object[] | Buffer): string {
  const mirror = temporaryFolder('mirror');
  const path = join(mirror, cleanstartDefinition.archive.replace('https://', ''));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.isBuffer(records) ? records : recordsZip(records));
  return mirror;
}
