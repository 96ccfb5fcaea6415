import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { affects, before, writeOsvMirror } from '../ecosystems/world.ts';
import { imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { type CliResult, debianRelease, project, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const requests = 'Metadata-Version: 2.1\nName: requests\nVersion: 2.28.1\n\n';
const gem = 'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "2.0.0"\nend\n';
const modified = '2026-11-20T00:00:00Z';

/** A Debian image with packages of npm, one of Python that a package of the distribution owns, and one of Ruby, of which the feed knows nothing. */
describe('explain of packages of languages', () => {
  const work = temporaryFolder();
  const image = join(work, 'image');
  let explain: (...asked: string[]) => CliResult;

  beforeAll(() => {
    const mirror = writeOsvMirror({
      npm: {
        'GHSA-aaaa-bbbb-cccc': {
          modified,
          aliases: ['CVE-2026-1001'],
          affected: [
            affects('npm', 'left', [
              ...[{ introduced: '0.9.0' }, { fixed: '1.0.1' }],
              ...[{ introduced: '2.0.0' }, { last_affected: '2.4.0' }],
            ]),
          ],
        },
        'GHSA-dddd-eeee-ffff': {
          ...{ modified, aliases: ['CVE-2026-1001'] },
          affected: [affects('npm', 'left', before('0.9.5'))],
        },
      },
      PyPI: {
        'PYSEC-2026-1': {
          ...{ modified, aliases: ['CVE-2026-1002'] },
          affected: [affects('PyPI', 'requests', before('3'))],
        },
      },
    });
    cpSync(join(project, 'feeds/sample'), mirror, { recursive: true, force: false });
    const from = ['--mirror', mirror, '--unsigned-mirror', '--snapshots', join(work, 'snapshots')];
    const feed = join(work, 'feed');
    const built = scapfeed(['build', '--source', 'debian,osv', '--no-ratings', ...from, '--out', feed]);
    expect(built.err).not.toContain('scapfeed:');
    const layer = [
      file('etc/os-release', debianRelease('12', 'bookworm')),
      file('var/lib/dpkg/status', stanza('python3-requests', '3.0.9-1', { Source: 'openssl' })),
      file(
        'var/lib/dpkg/info/python3-requests.list',
        '/usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA\n',
      ),
      file('usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA', requests),
      file('srv/node_modules/left/package.json', '{"name":"left","version":"1.0.0"}'),
      file('srv/specifications/rack-2.0.0.gemspec', gem),
    ];
    writeFiles(image, imageLayout({ layers: [layer] }));
    explain = (...asked) => scapfeed(['explain', `oci:${image}`, ...asked, '--feed', feed, '--max-age', '0']);
  });

  it('show every interval of each record, those that exclude the version too', () => {
    const { out, code } = explain('CVE-2026-1001', 'left');
    expect(code).toBe(0);
    expect(out).toContain('CVE-2026-1001 in left on npm: affected, fix available');
    expect(out).toContain('affected   GHSA-aaaa-bbbb-cccc: >=0.9.0 <1.0.1, >=2.0.0 <=2.4.0; includes 1.0.0');
    expect(out).toContain('affected   GHSA-dddd-eeee-ffff: <0.9.5; excludes 1.0.0');
    expect(out).not.toContain('security-tracker.debian.org/tracker/CVE-2026-1001');
    const { verdicts, platform } = JSON.parse(explain('CVE-2026-1001', 'left', '-o', 'json').out);
    expect(platform.id).toBe('npm');
    expect(verdicts[0].rule.ranges).toEqual([
      { advisories: ['GHSA-dddd-eeee-ffff'], affected: ['<0.9.5'], includes: false },
      {
        advisories: ['GHSA-aaaa-bbbb-cccc'],
        affected: ['>=0.9.0 <1.0.1', '>=2.0.0 <=2.4.0'],
        includes: true,
      },
    ]);
  });

  it('do not have the distribution say nothing of a flaw that it has no word in', () => {
    const { out } = explain('CVE-2026-9999', 'left');
    expect(out).toContain('npm says nothing of CVE-2026-9999 in left');
    expect(out).not.toContain('debian');
  });

  it('without a package are of the ecosystem that states the flaw', () => {
    const { code, out } = explain('CVE-2026-1001');
    expect(code, 'the feed has no data of gems').toBe(4);
    expect(out).toContain('not covered: 1 package of languages that this feed has no data about: gem 1');
    expect(out).toContain(`CVE-2026-1001 in oci:${image}, judged as npm:`);
    expect(out).toMatch(/^left +1\.0\.0 /m);
    const { platform } = JSON.parse(explain('CVE-2026-1001', '-o', 'json').out);
    expect(platform.id).toBe('npm');
    expect(explain('CVE-2026-1002').out).toContain('judged as Debian GNU/Linux 12');
  });

  it('are those of the owner where the distribution owns the package', () => {
    const { out } = explain('CVE-2026-1002', 'requests');
    expect(out).not.toContain('PYSEC');
    expect(out).toContain('debian-12 says nothing of CVE-2026-1002 in requests');
  });

  it('end with 4 where the feed has no data of the language', () => {
    const { code, err } = explain('CVE-2026-1001', 'rack');
    expect([code, err]).toEqual([4, expect.stringContaining('the feed has no data about packages of gem')]);
  });
});
