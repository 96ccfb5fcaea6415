import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { zstdStored } from '../../../scripts/zstd-stored.mjs';
import { definitionId } from '../../../src/oval/document/document.ts';
import { coverageKey, flawKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle, isRoot } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { packagesOf, rpmRoot } from '../shared/rpm-system.ts';
import { redHatKey } from './support.ts';
import { tarOf } from './tree-server.ts';

const data = 'vendors2/hummingbird/quay+claircore';
const documents = `${data}/test/acceptance/testdata`;
const release = `${data}/rhel/testdata/releasefiles/hummingbird/etc/os-release`;
const rpm = packagesOf({ vendor: 'Red Hat, Inc.', keyid: redHatKey });

const made = hasData('rpm') && existsSync(rpmDatabaseMaker);

describe.skipIf(!hasData(data) || !made || !hasOracle('oscap', 'python3', 'rpm') || !isRoot())(
  'the real documents and os-release',
  () => {
    const out = join(temporaryFolder('feed'), 'out');
    let root: string;

    beforeAll(() => {
      const tree = 'security.access.redhat.com/data/csaf/v2/vex';
      const texts = Object.fromEntries(
        readdirSync(dataPath(documents)).map((name) => [
          `2026/${name}`,
          readFileSync(dataPath(documents, name), 'utf8'),
        ]),
      );
      const mirror = rootWith({
        [`${tree}/archive_latest.txt`]: 'csaf_vex_2026-05-01.tar.zst\n',
        [`${tree}/csaf_vex_2026-05-01.tar.zst`]: zstdStored(tarOf(texts)),
        [`${tree}/changes.csv`]: '',
      });
      const built = scapfeed([
        ...['build', '--source', 'redhat', '--mirror', mirror, '--unsigned-mirror'],
        ...['--snapshots', temporaryFolder(), '--out', out],
      ]);
      expect(built, built.err).toMatchObject({ code: 0 });
      const of = (source: string) => ({ sourcerpm: `${source}.src.rpm` });
      root = rpmRoot({ 'etc/os-release': readFileSync(dataPath(release), 'utf8') }, [
        rpm('hummingbird-release-1-1.hum1.noarch'),
        rpm('golang1.25-1.25.7-1.hum1.x86_64'),
        rpm('golang1.25-docs-1.25.8-1.1.hum1.noarch', of('golang1.25-1.25.8-1.1.hum1')),
        rpm('openssl-3.5.4-1.hum1.x86_64'),
        rpm('openssl-libs-3.5.4-1.hum1.x86_64', of('openssl-3.5.4-1.hum1')),
        rpm('bash-5.3-1.fc44.x86_64'),
      ]);
    });

    interface Scanned {
      platform: { id: string; marks: string[] };
      verdicts: {
        vulnerability: string;
        package: { name: string };
        severity: string;
        advisories: string[];
      }[];
      uncovered: { name: string; detail: string }[];
    }

    const expected = [
      'CVE-2026-2673 openssl low ',
      'CVE-2026-2673 openssl-libs low ',
      'CVE-2026-27142 golang1.25 medium RHSA-2026:5192',
    ];
    const words = ({ verdicts }: Scanned) =>
      verdicts
        .map(({ vulnerability, package: { name }, severity, advisories }) =>
          [vulnerability, name, severity, advisories.join()].join(' '),
        )
        .sort();
    const scan = (reference: string) => {
      const args = ['scan', reference, '--feed', out, '-o', 'json', '--max-age', '0'];
      const { code, out: text, err } = scapfeed(args);
      expect(text, err).not.toBe('');
      return { code, ...(JSON.parse(text) as Scanned) };
    };

    it('judge an image; what is not built for it is not covered', () => {
      const result = scan(`dir:${root}`);
      expect(result).toMatchObject({
        code: 4,
        platform: { id: 'hummingbird-1', marks: ['unsigned_input'] },
        uncovered: [{ name: 'bash', detail: 'a build of another system: .fc44' }],
      });
      expect(words(result)).toEqual(expected);
    });

    it.each(['cyclonedx', 'spdx'])('judge its SBOM alike: %s', (form) => {
      const { out: text } = scapfeed(['inventory', `dir:${root}`, '-o', form]);
      expect(text).toContain(
        'pkg:rpm/redhat/golang1.25@1.25.7-1.hum1?arch=x86_64&distro=hummingbird-20251124',
      );
      const path = join(temporaryFolder(), 'sbom.json');
      writeFileSync(path, text);
      const result = scan(`sbom:${path}`);
      expect(result.platform.id).toBe('hummingbird-1');
      expect(words(result)).toEqual(expected);
    });

    // https://github.com/quay/claircore: the purl of its acceptance documents; others write `hummingbird` alone, or `hummingbird-1`.
    it.each(['hummingbird-20251124', 'hummingbird-1', 'hummingbird'])(
      'package URLs with distro=%s',
      (distro) => {
        const path = join(temporaryFolder(), 'sbom.json');
        const purl = `pkg:rpm/redhat/golang1.25@1.25.7-1.hum1?arch=x86_64&distro=${distro}&upstream=golang1.25-1.25.7-1.hum1.src.rpm`;
        const component = { type: 'library', name: 'golang1.25', version: '1.25.7-1.hum1', purl };
        writeFileSync(
          path,
          JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', components: [component] }),
        );
        const result = scan(`sbom:${path}`);
        expect(result.platform.id).toBe('hummingbird-1');
        expect(words(result)).toEqual([expected[2]]);
      },
    );

    it('give OVAL by which oscap finds the same, and of which RHEL is not the system', () => {
      const fixes = oscapVerdicts(join(out, 'oval/hummingbird-1.oval.xml'), { root });
      const unfixed = oscapVerdicts(join(out, 'oval/hummingbird-1.unfixed.oval.xml'), { root });
      const of = (key: string) => definitionId(ovalNamespace('hummingbird-1'), key);
      expect(fixes.get(of(coverageKey))).toBe('true');
      expect(fixes.get(of(flawKey('fixed', 'CVE-2026-27142', 'golang1.25')))).toBe('true');
      expect(unfixed.get(of(flawKey('unfixed', 'CVE-2026-2673', 'openssl')))).toBe('true');
      const rhel = rpmRoot({ 'etc/os-release': 'ID=rhel\nVERSION_ID=9.4\n' }, [
        rpm('redhat-release-9.4-0.4.el9.x86_64'),
        rpm('openssl-3.5.4-1.hum1.x86_64'),
      ]);
      const elsewhere = oscapVerdicts(join(out, 'oval/hummingbird-1.unfixed.oval.xml'), { root: rhel });
      expect(elsewhere.get(of(flawKey('unfixed', 'CVE-2026-2673', 'openssl')))).toBe('false');
    });

    it('explain a verdict by the document, export CSAF, and verify files', () => {
      const asked = [
        'explain',
        `dir:${root}`,
        'CVE-2026-27142',
        'golang1.25',
        '--feed',
        out,
        '--max-age',
        '0',
      ];
      const explained = scapfeed(asked);
      expect(explained.out).toContain('1.25.8-1.1.hum1');
      const folder = join(temporaryFolder(), 'csaf');
      const exported = scapfeed(['export', '--feed', out, '--to', 'csaf', '--out', folder]);
      expect(exported, exported.err).toMatchObject({ code: 0 });
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      expect(files.filter((name) => /hummingbird.*cve-2026-27142\.json$/.test(name))).toHaveLength(1);
      expect(scapfeed(['verify', `dir:${root}`]).err).not.toContain('PLATFORM');
    });
  },
);
