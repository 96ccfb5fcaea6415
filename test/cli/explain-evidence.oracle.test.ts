import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSampleUbi } from '../../scripts/sample-rhel.mjs';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = resolve(import.meta.dirname, '../../feeds/sample');
const redHat = 'security.access.redhat.com/data/csaf/v2/vex';

/** A build of one vendor and what `explain` prints of one verdict. */
function explained(source: string, mirror: string, image: string, ...verdict: string[]): string {
  const folder = temporaryFolder();
  const out = join(folder, 'feed');
  const from = ['--mirror', mirror, '--snapshots', join(folder, 'snapshots')];
  const built = scapfeed([
    'build',
    '--source',
    source,
    ...from,
    '--unsigned-mirror',
    '--no-oval',
    '--out',
    out,
  ]);
  expect(built.code, built.err).toBe(0);
  const {
    code,
    err,
    out: text,
  } = scapfeed(['explain', image, ...verdict, ...from, '--feed', out, '--max-age', '0']);
  expect(code, err).toBe(0);
  return text;
}

/** The first word of what sha256sum prints of a command's output. */
function sha256sum(command: string): string {
  return execFileSync('sh', ['-c', `${command} | sha256sum`], { encoding: 'utf8' }).split(' ')[0]!;
}

const dpkg = (release: string, status: string) =>
  `dir:${rootWith({ 'etc/os-release': release, 'var/lib/dpkg/status': status })}`;

describe.skipIf(!hasOracle('tar', 'zstd', 'xz'))(
  'the digest that explain shows is that of the vendor’s document',
  () => {
    it('Red Hat: the CSAF document of the CVE', () => {
      const layout = temporaryFolder();
      writeSampleUbi(layout);
      const text = explained('redhat', sample, `oci:${layout}:sample`, 'CVE-2024-28834', 'gnutls');

      const path = '2024/cve-2024-28834.json';
      const archive = join(sample, redHat, 'csaf_vex_2026-11-24.tar.zst');
      expect(text).toContain(`document   https://${redHat}/${path}\n`);
      expect(text).toContain(`digest     sha256:${sha256sum(`zstd -dc ${archive} | tar -xO ${path}`)}\n`);
      expect(text).toMatch(/pointer +\/vulnerabilities\/0/);
    });

    it('Debian: the tracker’s document', () => {
      const image = dpkg(
        'ID=debian\nVERSION_ID="12"\n',
        stanza('libc6', '2.36-9+deb12u3', { Source: 'glibc' }),
      );
      const text = explained('debian', sample, image, 'CVE-2024-2961', 'libc6');

      const document = 'security-tracker.debian.org/tracker/data/json';
      expect(text).toContain(`document   https://${document}\n`);
      expect(text).toContain(`digest     sha256:${sha256sum(`cat ${join(sample, document)}`)}\n`);
    });

    it.skipIf(!hasData('mirror'))('Ubuntu: the OSV record of the CVE, in the archive', () => {
      const image = dpkg('ID=ubuntu\nVERSION_ID="22.04"\n', stanza('coreutils', '8.32-4ubuntu1'));
      const text = explained('ubuntu', dataPath('mirror'), image, 'CVE-2017-18018', 'coreutils');

      const archive = 'security-metadata.canonical.com/osv/osv-all.tar.xz';
      const path = 'osv/cve/2017/UBUNTU-CVE-2017-18018.json';
      expect(text).toContain(`document   https://${archive}, file ${path}\n`);
      const record = `xz -dc ${join(dataPath('mirror'), archive)} | tar -xO ${path}`;
      expect(text).toContain(`digest     sha256:${sha256sum(record)}\n`);
      expect(text).toMatch(/record +\{.*"id": ?"UBUNTU-CVE-2017-18018"/);
    });
  },
);
