import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dhiDefinition } from '../../../src/distros/dhi/definition.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { zipOf } from '../../support/zip.ts';

/** An advisory of a package, in the form of the vendor's drafts: `apk 3.24` or `deb 13`. */
export function dhiRecord(
  flaw: string,
  name: string,
  system: string,
  affected: { events?: readonly object[]; versions?: readonly string[] },
  ecosystem = 'Docker Hardened Images',
): { id: string; [field: string]: unknown } {
  const [type, release] = system.split(' ');
  const base = type === 'apk' ? 'alpine' : 'debian';
  return {
    schema_version: '1.6.0',
    id: `DHI-${flaw}-${name}`,
    modified: '2026-07-15T00:00:00Z',
    published: '2026-07-15T00:00:00Z',
    upstream: [flaw],
    affected: [
      {
        package: {
          ecosystem,
          name,
          purl: `pkg:${type}/dhi/${name}?os_distro=${base}&os_name=dhi&os_version=${release}`,
        },
        ...(affected.events && { ranges: [{ type: 'ECOSYSTEM', events: affected.events }] }),
        ...(affected.versions && { versions: affected.versions }),
      },
    ],
  };
}

/** The archive of the repository; records of components stand beside those of packages. */
export function dhiZip(records: readonly { id: string; [field: string]: unknown }[]): Buffer {
  const files = records.map((record) => [
    `advisories-main/osv/dhi/${record.id}.json`,
    JSON.stringify(record),
  ]);
  return zipOf({
    'advisories-main/osv/node/CVE-2024-1.json': '{}',
    ...(Object.fromEntries(files) as Record<string, string>),
  });
}

export function writeDhiMirror(records: readonly { id: string; [field: string]: unknown }[]): string {
  const mirror = temporaryFolder('mirror');
  const path = join(mirror, dhiDefinition.archive.replace('https://', ''));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, dhiZip(records));
  return mirror;
}
