import { beforeAll, describe, expect, it } from 'vitest';
import { affects, before, writeOsvMirror } from '../ecosystems/world.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { debianRelease, project, stanza } from '../support/cli.ts';
import { isRoot } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** An image with a flaw of its distribution and one of a package of npm. */
function writeImage(home: string): void {
  const layers = [
    [
      file('etc/os-release', debianRelease('12', 'bookworm')),
      file('var/lib/dpkg/status', stanza('libssl3', '3.0.9-1', { Source: 'openssl' })),
    ],
    [file('srv/node_modules/left/package.json', '{"name":"left","version":"1.0.0"}')],
  ];
  writeFiles(`${home}/image`, imageLayout({ layers }));
}

/** A signed feed with packages of languages goes over an air gap in one bundle, and judges an image there. */
describe.skipIf(!isRoot())('packages of languages over an air gap', () => {
  let publisher: Machine;
  let inside: Machine;

  beforeAll(() => {
    publisher = newMachine();
    inside = newMachine({ user: 4711, network: false });
    const osv = writeOsvMirror({
      npm: {
        'GHSA-aaaa-bbbb-cccc': {
          aliases: ['CVE-2026-1001'],
          modified: '2026-11-20T00:00:00Z',
          affected: [affects('npm', 'left', before('1.0.1'))],
          database_specific: { severity: 'HIGH' },
        },
      },
    });
    publisher.does(`cp -r ${project}/feeds/sample mirror && cp -r ${osv}/. mirror/`);
    publisher.does(
      'scapfeed build --source debian,osv --no-ratings --unsigned-mirror --mirror mirror --out feed',
    );
    publisher.does('scapfeed keys make', passphrase);
    publisher.does('scapfeed publish --feed feed --to public', passphrase);
    publisher.does('scapfeed bundle --from public --out feed.bundle');
    publisher.does(`install -o 4711 -g 4711 -m 600 feed.bundle public/metadata/1.root.json ${inside.home}/`);
    writeImage(inside.home);
    inside.does('scapfeed pull --from feed.bundle --trust-root 1.root.json');
  });

  it('one table has the flaws of the distribution and of the languages, grouped by what to upgrade', () => {
    const out = inside.does('scapfeed scan oci:image --max-age 0 --by package');
    expect(out).toContain('1 package in /var/lib/dpkg/status, 1 of languages');
    expect(out).toMatch(/openssl/);
    expect(out).toMatch(/left.*1\.0\.1|left[\s\S]*1\.0\.1/);
  });

  it('a gate sees them, unless they are left out', () => {
    const gate = 'scapfeed scan oci:image --max-age 0 --allow-unrated --fail-on high';
    const { code, out } = inside.run(`${gate} --languages npm`);
    expect(code).toBe(1);
    expect(out).toContain('CVE-2026-1001');
    expect(inside.run(`${gate} --no-languages`).out).not.toContain('CVE-2026-1001');
  });

  it('explain gives the record and the range', () => {
    const out = inside.does('scapfeed explain oci:image CVE-2026-1001 left --max-age 0');
    expect(out).toContain('GHSA-aaaa-bbbb-cccc');
    expect(out).toContain('1.0.1');
  });
});
