import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type VendorFlaw, vendorOval } from '../comply/support/vendor-oval.ts';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { newEmbedded } from '../support/fleet.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite } from '../support/rpm-sqlite.ts';
import { type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The same three packages in three databases, and what the vendor says of each. */
const names = ['openssl', 'zlib', 'bash'];
const databases = {
  apk: {
    'lib/apk/db/installed': names.map((name) => `P:${name}\nV:1.0-r0\nA:x86_64\no:${name}\n\n`).join(''),
  },
  deb: { 'var/lib/dpkg/status': names.map((name) => stanza(name, '1.0-1')).join('') },
  rpm: {
    'var/lib/rpm/rpmdb.sqlite': rpmSqlite(
      names.map((name) =>
        rpmHeader({
          name,
          version: '1.0',
          release: '1.el9',
          arch: 'x86_64',
          sourceRpm: `${name}-1.0-1.el9.src.rpm`,
          vendor: 'AlmaLinux',
        }),
      ),
    ),
  },
} as const;
type Database = keyof typeof databases;

const systems = [
  { id: 'debian', version: '12', own: 'deb', fixed: '2.0-1', word: 'dpkg' },
  { id: 'alpine', version: '3.20', own: 'apk', fixed: '2.0-r0', word: 'apk' },
  { id: 'almalinux', version: '9', own: 'rpm', fixed: '0:2.0-1.el9', word: 'rpm' },
] as const;
type System = (typeof systems)[number];
const words = { apk: 'apk', deb: 'dpkg', rpm: 'rpm' } as const;

const feed = writeSmallFeed(
  systems.map(
    ({ id, version, own, fixed }): SmallPlatform => ({
      platform: {
        id: `${id}-${version}`,
        name: id,
        aliases: [],
        os: { id, version },
        packaging: own,
        life: [],
      },
      data: { roster: new Map(names.map((name) => [name, { version: '1', binaries: [] }])) },
      statements: names.map((name, at) => ({
        vulnerability: `CVE-2024-000${at}`,
        package: name,
        status: 'fixed',
        fixed,
        ...(own === 'rpm' && { subject: 'binary' as const }),
      })),
    }),
  ),
);
const judging = ['--feed', feed, '--max-age', '0'];

function rootOf({ id, version }: System, ...kinds: Database[]): string {
  const files = Object.assign({}, ...kinds.map((kind) => databases[kind])) as Record<string, string | Buffer>;
  return rootWith({ 'etc/os-release': `ID=${id}\nVERSION_ID=${version}\n`, ...files });
}

interface Scanned {
  verdicts: { package: { type: string } }[];
  judged: number;
  uncovered: { type: string; reason: string; detail: string }[];
}

function scan(reference: string): { code: number | null; result: Scanned } {
  const { code, out } = scapfeed(['scan', reference, ...judging, '-o', 'json']);
  return { code, result: JSON.parse(out) as Scanned };
}

const cases = systems.flatMap((system) =>
  (Object.keys(databases) as Database[])
    .filter((other) => other !== system.own)
    .map((other) => ({ system, other, name: `${other} packages on ${system.id}` })),
);

describe.each(cases)('$name', ({ system, other }) => {
  const root = rootOf(system, system.own, other);
  const why = `in the database of ${words[other]}; statements about ${system.id} are about packages of ${system.word}`;

  it('are not covered, whatever the face; those of the system are judged', () => {
    const forms = ['json', 'cyclonedx', 'spdx', 'manifest'].map((form) => {
      const path = join(temporaryFolder(), `bom.${form}`);
      expect(scapfeed(['inventory', `dir:${root}`, '-o', `${form}=${path}`]).code).toBe(0);
      return `sbom:${path}`;
    });
    for (const reference of [`dir:${root}`, ...forms]) {
      const { code, result } = scan(reference);
      expect(code, reference).toBe(4);
      expect(result.judged, reference).toBe(3);
      expect(result.verdicts.map((verdict) => verdict.package.type)).toEqual(Array(3).fill(system.own));
      expect(result.uncovered.map(({ type, reason, detail }) => [type, reason, detail])).toEqual(
        Array(3).fill([other, 'not_covered', why]),
      );
    }
  });

  it('are no image of the system: without packages of its own nothing is judged, whatever is allowed', () => {
    const root = rootOf(system, other);
    const bom = join(temporaryFolder(), 'bom.json');
    expect(scapfeed(['inventory', `dir:${root}`, '-o', `cyclonedx=${bom}`]).code).toBe(0);
    for (const reference of [`dir:${root}`, `sbom:${bom}`]) {
      const allowed = ['--allow-uncovered', '--fail-on', 'any'];
      const { code, err } = scapfeed(['scan', reference, ...judging, ...allowed]);
      expect(err, reference).toMatch(
        new RegExp(`no package of ${system.word} was found.*PACKAGE_DATABASE_MISSING`),
      );
      expect(code, reference).toBe(4);
    }
  });

  it('are told by inventory with their database, and by explain', () => {
    const place = Object.keys(databases[other])[0];
    expect(scapfeed(['inventory', `dir:${root}`]).out).toContain(
      `foreign packages at /${place}: 3 packages ${why}`,
    );
    const alone = rootOf(system, other);
    const { code, out } = scapfeed(['explain', `dir:${alone}`, 'CVE-2024-0000', 'openssl', ...judging]);
    expect(out).toContain(why);
    expect(out).not.toMatch(/affected/);
    expect(code).toBe(4);
  });
});

describe('an SBOM of Debian with an rpm, and content of OVAL that tests packages of dpkg', () => {
  it('says that the rpm is of another database', () => {
    const folder = temporaryFolder();
    const flaws: VendorFlaw[] = [
      { number: 1001, package: 'openssl', below: '0:1.0-1', severity: 'Important' },
    ];
    writeFileSync(join(folder, 'vendor.xml'), vendorOval(flaws, { type: 'deb' }));
    const bom = join(folder, 'bom.json');
    const root = rootOf(systems[0], 'deb', 'rpm');
    for (const form of ['json', 'cyclonedx']) {
      scapfeed(['inventory', `dir:${root}`, '-o', `${form}=${bom}`]);
      const { out } = scapfeed(['eval', `sbom:${bom}`, '--content', join(folder, 'vendor.xml')]);
      expect(out).toMatch(/3 packages in the database of rpm; statements about debian/);
    }
  });
});

describe('a fleet with an image of Debian that has rpms', { timeout: 240_000 }, () => {
  it('has no verdict about them either', async () => {
    const database = await newEmbedded();
    const fleet = (...args: string[]) => scapfeed(['fleet', ...args, '--database', database]);
    expect(fleet('add', `dir:${rootOf(systems[0], 'deb', 'rpm')}`).code).toBe(0);
    expect(fleet('run', ...judging).err).not.toMatch(/\[[A-Z_]+\]/);
    const { out } = fleet('list', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject([
      { installed: 6, counts: { flaws: { unknown: 3 }, uncovered: 3 } },
    ]);
  });
});
