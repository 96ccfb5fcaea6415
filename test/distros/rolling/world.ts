import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import chainguardData from '../../../feeds/chainguard.json' with { type: 'json' };
import minimosData from '../../../feeds/minimos.json' with { type: 'json' };
import secureosData from '../../../feeds/secureos.json' with { type: 'json' };
import wolfiData from '../../../feeds/wolfi.json' with { type: 'json' };
import type { RollingDefinition } from '../../../src/distros/rolling/definition.ts';
import { rollingSource } from '../../../src/distros/rolling/source.ts';
import { chainguard, minimos, secureos, wolfi } from '../../../src/distros/rolling.ts';
import { apkRecord } from '../../packaging/apk/record.ts';
import { rootWith } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import type { Secfixes } from '../alpine/world.ts';

const branch = { releases: [{ branch: 'rolling' }] } as const;
const ended = { releases: minimosData.releases as RollingDefinition['releases'] };

/** Vendors without releases, and where their data is. */
export const vendors = {
  chainguard: { vendor: chainguard, definition: { ...chainguardData, ...branch } },
  minimos: { vendor: minimos, definition: { ...minimosData, ...ended } },
  secureos: { vendor: secureos, definition: { ...secureosData, ...branch } },
  wolfi: { vendor: wolfi, definition: { ...wolfiData, ...branch } },
};
export type VendorName = keyof typeof vendors;

export const sourceOf = (name: VendorName) => rollingSource(vendors[name].vendor, vendors[name].definition);

/** A security database with these packages; a vendor without releases has no `distroversion`. */
export function rollingSecdb(name: VendorName, packages: Readonly<Record<string, Secfixes>>): string {
  return JSON.stringify({
    apkurl: '{{urlprefix}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk',
    archs: ['x86_64'],
    reponame: 'os',
    urlprefix: vendors[name].definition.urlPrefix,
    packages: Object.entries(packages).map(([pkg, secfixes]) => ({ pkg: { name: pkg, secfixes } })),
  });
}

/** A vendor's note about its newest database. */
export function latestText(secdb: string | Buffer): string {
  return JSON.stringify({
    latest_url: 'https://example.test/secdb.json.gz',
    sha256: createHash('sha256').update(secdb).digest('hex'),
    published_at: 1_790_000_000,
    package_count: 1,
    version: 'v1',
  });
}

/** A mirror with the documents of a vendor; a text is that of the database. */
export function writeRollingMirror(
  name: VendorName,
  packages: Readonly<Record<string, Secfixes>> | string,
): string {
  const mirror = temporaryFolder('mirror');
  const definition: RollingDefinition = vendors[name].definition;
  const write = (url: string, content: string | Buffer) => {
    const path = join(mirror, url.replace('https://', ''));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  const text = typeof packages === 'string' ? packages : rollingSecdb(name, packages);
  const content = definition.secdb.endsWith('.gz') ? gzipSync(text) : text;
  write(definition.secdb, content);
  if (definition.latest !== undefined) write(definition.latest, latestText(content));
  return mirror;
}

/** `name version origin?` each, installed in an image of this ID, without apk. */
export function rollingRoot(
  id: string,
  packages: readonly string[],
  more: Record<string, string> = {},
): string {
  const records = packages.map((line) => {
    const [name = '', version = '', origin = name] = line.split(' ');
    return apkRecord(name, version, { o: origin });
  });
  return rootWith({
    'etc/os-release': `ID=${id}\nNAME="${id}"\nPRETTY_NAME="${id}"\nVERSION_ID="20230201"\nHOME_URL="https://example.test"\n`,
    'lib/apk/db/installed': records.join(''),
    ...more,
  });
}
