import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The README's commands about Red Hat, run on `feeds/sample` and the demo's images. */
describe.skipIf(!hasOracle('oscap', 'rpm') || !isRoot())("Red Hat's part of the sample", () => {
  const folder = temporaryFolder();
  const feed = join(folder, 'feed');
  const host = join(folder, 'rhel10');
  beforeAll(() => {
    const script = join(import.meta.dirname, '../../scripts/sample-rhel.mjs');
    const make = `import(${JSON.stringify(script)}).then((sample) => { sample.writeSampleUbi('ubi'); sample.writeSampleHost('rhel10'); })`;
    execFileSync('node', ['-e', make], { cwd: folder });
    const built = scapfeed([
      ...['build', '--source', 'redhat', '--mirror', 'feeds/sample', '--unsigned-mirror', '--out', feed],
      ...['--snapshots', join(folder, 'snapshots')],
    ]);
    expect(built.err).toBe('');
  });

  it('a UBI image: fixes of its own minor, and a stranger that is not covered', () => {
    const { out, code } = scapfeed([
      'scan',
      `oci:${join(folder, 'ubi')}:sample`,
      '--feed',
      feed,
      '--max-age',
      '0',
    ]);

    expect(out).toContain(
      'judged as Red Hat Enterprise Linux 9 (made from data without a signature), 7 packages in /var/lib/rpm/Packages.db',
    );
    expect(out).toMatch(/^CVE-2023-38545 .*\n +fix available: 0:7\.76\.1-26\.el9_3\.2 \(RHSA-2023:6745\)$/m);
    expect(out).toContain("htop 3.3.0-1.el9: no data: not Red Hat's: key of EPEL 9");
    expect(code).toBe(4);
  });

  it('a RHEL 10 host: rpm lists it, and oscap finds what the scan finds', () => {
    const rpm = execFileSync(
      'rpm',
      ['--dbpath', join(host, 'var/lib/rpm'), '-qa', '--qf', '%{name} %{rsaheader:pgpsig}\n'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    expect(rpm.match(/^firefox .*Key ID 199e2f91fd431d51$/m)).not.toBeNull();

    const { out } = scapfeed(['scan', `dir:${host}`, '--feed', feed, '--max-age', '0']);
    expect(out).toContain('2 flaws of source packages: 0 with a fix to install, 2 without');

    const document = join(feed, 'oval/rhel-10.unfixed.oval.xml');
    const env = { ...process.env, OSCAP_PROBE_ROOT: host };
    const oscap = spawnSync('oscap', ['oval', 'eval', document], { env, encoding: 'utf8' });
    // Release and coverage are true besides the two flaws.
    expect(oscap.stdout.match(/: true$/gm)).toHaveLength(4);
    expect(oscap.stdout).not.toContain(': false');
  });
});
