import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../support/temporary.ts';
import { zipOf } from '../../support/zip.ts';

/** A mirror in the layout that `--mirror` takes, which files are written into one after the other. */
export interface WrittenMirror {
  folder: string;
  /** `path`: the address without its scheme. */
  write(path: string, content: string | Buffer): void;
  /** The archive of OSV records that osv.dev has for a vendor, by their names. */
  writeOsv(vendor: string, records: Readonly<Record<string, object | string>>): void;
}

export function newMirror(name: string): WrittenMirror {
  const folder = temporaryFolder(name);
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  return {
    folder,
    write,
    writeOsv: (vendor, records) => {
      const entries = Object.entries(records).map(([id, record]) => ({
        name: `all/${id}.json`,
        content: typeof record === 'string' ? record : JSON.stringify(record),
      }));
      write(`osv-vulnerabilities.storage.googleapis.com/${vendor}/all.zip`, zipOf(entries));
    },
  };
}

/** Makes OSV records of a vendor's errata: package -> fixed. */
export function osvRecordsOf(vendor: string) {
  return (
    id: string,
    major: string,
    cves: readonly string[],
    fixed: Readonly<Record<string, string>>,
  ): object => ({
    schema_version: '1.6.0',
    id,
    related: cves,
    affected: Object.entries(fixed).map(([name, version]) => ({
      package: { name, ecosystem: `${vendor}:${major}` },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: version }] }],
    })),
  });
}
