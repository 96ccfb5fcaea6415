import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { buildGo } from '../../support/go.ts';
import { hasJudges, hasOracle, hasSpdxSources, judgesFolder } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hostileScan } from './support/hostile-scan.ts';
import { sampleScan } from './support/sample-scan.ts';

const copyright = (licence: string) =>
  `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: somebody\nLicense: ${licence}\n text\n`;

const licences = ['GPL-2+ with OpenSSL exception', 'Apache-2.0 and (Artistic or GPL-1+)', 'curl', 'GPL-3+'];

const sample = sampleScan(
  Object.fromEntries(
    ['bash', 'openssl', 'curl', 'zlib1g'].map((name, at) => [
      `usr/share/doc/${name}/copyright`,
      copyright(licences[at]!),
    ]),
  ),
);

const digest = (text: string) => `Q1${createHash('sha1').update(text).digest('base64')}`;

/** Alpine's own records of three packages: one whole, one with a file that is gone, one with a digest of another kind. */
const alpine = rootWith({
  'etc/os-release': 'ID=alpine\nVERSION_ID=3.19.1\n',
  'bin/busybox': 'b',
  'etc/profile': 'changed since',
  'lib/odd': 'o',
  'lib/apk/db/installed': [
    'P:busybox\nV:1.36.1-r15\nA:x86_64\nL:GPL-2.0-only AND MIT',
    `F:bin\nR:busybox\na:0:0:755\nZ:${digest('b')}\nR:sh\na:0:0:777\nZ:${digest('busybox')}`,
    `F:etc\nR:profile\nZ:${digest('p')}\n`,
    `P:gone\nV:1-r0\nA:x86_64\nL:MIT\nF:lib\nR:gone\nZ:${digest('g')}\n`,
    `P:odd\nV:1-r0\nA:x86_64\nL:not a licence\nF:lib\nR:odd\nZ:Q2${createHash('sha256').update('o').digest('base64')}\n\n`,
  ].join('\n'),
});
symlinkSync('busybox', join(alpine, 'bin/sh'));

interface SpdxPackage {
  name: string;
  filesAnalyzed: boolean;
  licenseDeclared: string;
  packageVerificationCode?: { packageVerificationCodeValue: string };
}

const documents: Record<string, () => string> = {
  'a scan': () => sample.scan('-o', 'spdx').out,
  'a scan with a gate that cannot see a flaw': () => sample.scan('-o', 'spdx', '--fail-on', 'high').out,
  'an inventory': () => scapfeed(['inventory', sample.image, '-o', 'spdx']).out,
  Alpine: () => scapfeed(['inventory', alpine, '-o', 'spdx']).out,
  'hostile texts': () => hostileScan('-o', 'spdx').out,
};

const packagesOf = (text: string) => (JSON.parse(text) as { packages: SpdxPackage[] }).packages;

describe.skipIf(!(hasOracle('go') && hasSpdxSources()))(
  "SPDX, judged by the SPDX project's own library",
  () => {
    const folder = temporaryFolder();
    let check: string;
    beforeAll(() => {
      check = buildGo(join(import.meta.dirname, 'spdx-check.go'));
    }, 300_000);

    it.each([
      ['a scan', '1 described, 8 packages, 0 codes, 8 packages as tag-value'],
      ['an inventory', '1 described, 8 packages, 0 codes, 8 packages as tag-value'],
      ['Alpine', '1 described, 5 packages, 1 codes, 5 packages as tag-value'],
      ['hostile texts', '1 described, 8 packages, 0 codes, 8 packages as tag-value'],
    ])('%s: relationships, verification codes, and the same as tag-value', (name, expected) => {
      const file = join(folder, 'document.json');
      writeFileSync(file, documents[name]!());
      const { stdout, stderr } = spawnSync(check, [file], { encoding: 'utf8' });
      expect(`${stderr}${stdout}`).toBe(`${expected}\n`);
    });
  },
);

describe('the verification code', () => {
  it('is of all files by SHA-1, without links, where the database has them all', () => {
    const known = packagesOf(documents['Alpine']!()).slice(2);
    expect(known.map(({ name, filesAnalyzed }) => [name, filesAnalyzed])).toEqual([
      ['busybox', true],
      ['gone', false],
      ['odd', false],
    ]);
    // SPDX 2.3, 7.9.
    const sums = ['b', 'p'].map((text) => createHash('sha1').update(text).digest('hex')).sort();
    expect(known[0]!.packageVerificationCode!.packageVerificationCodeValue).toBe(
      createHash('sha1').update(sums.join('')).digest('hex'),
    );
  });

  it('is not there for dpkg, whose digests are MD5', () => {
    for (const { filesAnalyzed, packageVerificationCode } of packagesOf(documents['a scan']!())) {
      expect([filesAnalyzed, packageVerificationCode]).toEqual([false, undefined]);
    }
  });
});

describe.skipIf(!hasJudges())("licences, judged by SPDX's grammar and list", () => {
  it.each(Object.keys(documents))('%s', (name) => {
    const parse = createRequire(import.meta.url)(join(judgesFolder, 'spdx-expression-parse')) as (
      text: string,
    ) => object;
    const declared = packagesOf(documents[name]!()).map(({ licenseDeclared }) => licenseDeclared);
    for (const each of declared.filter((text) => text !== 'NOASSERTION' && text !== 'NONE'))
      expect(() => parse(each), each).not.toThrow();
  });

  it('are what packagers wrote', () => {
    const declared = packagesOf(documents['Alpine']!()).map(({ name, licenseDeclared }) => [
      name,
      licenseDeclared,
    ]);
    expect(declared.slice(2)).toEqual([
      ['busybox', 'GPL-2.0-only AND MIT'],
      ['gone', 'MIT'],
      ['odd', expect.stringMatching(/^LicenseRef-not-a-licence-[0-9a-f]{8}$/)],
    ]);
  });
});
