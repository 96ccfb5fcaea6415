import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import definition from '../../feeds/osv.json' with { type: 'json' };
import { temporaryFolder } from '../support/temporary.ts';
import { zipOf } from '../support/zip.ts';

/** Host of OSV's archives: a folder of a mirror. */
export const osvHost: string = new URL(definition.archives).host;

/** Records of an archive by id; a text is written as it is. */
export type OsvRecords = Readonly<Record<string, object | string>>;

/** A mirror of OSV's host, with an archive of each ecosystem by its name in OSV. */
export function writeOsvMirror(archives: Readonly<Record<string, OsvRecords>>): string {
  const mirror = temporaryFolder();
  for (const [name, records] of Object.entries(archives)) {
    const folder = join(mirror, osvHost, name);
    mkdirSync(folder, { recursive: true });
    const files = Object.entries(records).map(([id, record]) => [
      `${id}.json`,
      typeof record === 'string' ? record : JSON.stringify({ id, ...record }),
    ]);
    writeFileSync(join(folder, 'all.zip'), zipOf(Object.fromEntries(files)));
  }
  return mirror;
}

/** An entry of a record about a package. */
export function affects(
  ecosystem: string,
  name: string,
  events: readonly object[],
  more: object = {},
): object {
  return { package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }], ...more };
}

export function before(fixed: string): object[] {
  return [{ introduced: '0' }, { fixed }];
}
