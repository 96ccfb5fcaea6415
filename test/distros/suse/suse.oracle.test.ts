import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { coverageKey, flawKey, inventoryKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { xsdErrors } from '../../oval/support/roots.ts';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOfficialSchemas, hasOracle, officialSchemas } from '../../support/oracles.ts';
import { scanned } from '../../support/scanned.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { keys, rpm, suseRoot } from './system.ts';
import { writeSuseMirror } from './world.ts';

const sles = 'SUSE Linux Enterprise Module for Basesystem 15 SP5';
const ltss = 'SUSE Linux Enterprise Server 15 SP5-LTSS';
const out = join(temporaryFolder('feed'), 'out');
const snapshots = join(out, '../snapshots');

beforeAll(() => {
  const mirror = writeSuseMirror({
    archive: [
      { id: 'CVE-2026-1000', status: { recommended: [`${sles}:bash-4.4-150400.27.1`] } },
      {
        id: 'CVE-2026-2000',
        status: { recommended: [`${ltss}:bash-4.4-150400.29.1`] },
        severity: 'critical',
      },
      { id: 'CVE-2026-3000', status: { known_affected: [`${sles}:samba`] }, severity: 'low' },
      { id: 'CVE-2026-4000', status: { recommended: [`${sles}:perl-5.26.1-150300.17.1`] } },
      {
        id: 'CVE-2026-5000',
        status: {
          recommended: [
            'openSUSE Leap 15.6:bash-4.4-150600.3.1',
            'openSUSE Tumbleweed:bash-5.3.3-1.1',
            'SUSE Linux Enterprise Micro 5.5:bash-4.4-150500.1.1',
          ],
        },
      },
    ],
  });
  const built = scapfeed([
    ...['build', '--source', 'suse', '--mirror', mirror, '--unsigned-mirror'],
    ...['--snapshots', snapshots, '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

interface Scan {
  platform: { id: string };
  verdicts: {
    vulnerability: string;
    package: { name: string };
    status: string;
    fixState?: string;
    fixedVersion?: string;
    severity: string;
    marks: string[];
  }[];
  uncovered: { name: string; reason: string; detail?: string }[];
}

const scan = (root: string, ...more: string[]) => scanned<Scan>(`dir:${root}`, out, ...more);

const rows = ({ verdicts }: Scan) =>
  verdicts
    .map(({ vulnerability, package: { name }, fixState, fixedVersion }) =>
      [vulnerability, name, fixState, fixedVersion].filter(Boolean).join(' '),
    )
    .sort();

const old = rpm('bash-4.4-150400.25.22.x86_64');
const canMakeDatabases = existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

describe.skipIf(!canMakeDatabases)('a system of SUSE', () => {
  it('is judged by its service pack, whichever module has the package', () => {
    const result = scan(suseRoot('sles', '15.5', [old]));
    expect(result.platform.id).toBe('sles-15.5');
    expect(rows(result)).toEqual([
      'CVE-2026-1000 bash available 4.4-150400.27.1',
      'CVE-2026-2000 bash other_channel 4.4-150400.29.1',
    ]);
    expect(result.verdicts.map(({ severity }) => severity).sort()).toEqual(['critical', 'high']);
  });

  it('with LTSS gets what LTSS has, by its product file or by --stream ltss', () => {
    const withLtss = [
      'CVE-2026-1000 bash available 4.4-150400.27.1',
      'CVE-2026-2000 bash available 4.4-150400.29.1',
    ];
    const root = suseRoot('sles', '15.5', [old], ['SLES-LTSS', 'sle-module-basesystem']);
    expect(rows(scan(root))).toEqual(withLtss);
    expect(rows(scan(suseRoot('sles', '15.5', [old]), '--stream', 'ltss'))).toEqual(withLtss);
    expect(rows(scan(root, '--stream', 'main'))).not.toEqual(withLtss);
  });

  it('a build that LTSS made is fixed on a system that does not say so', () => {
    expect(rows(scan(suseRoot('sles', '15.5', [rpm('bash-4.4-150400.29.1.x86_64')])))).toEqual([]);
  });

  it('an unfixed source is told for every binary of it', () => {
    const client = rpm('samba-client-4.17.9-150500.1.1.x86_64', {
      sourcerpm: 'samba-4.17.9-150500.1.1.src.rpm',
    });
    expect(rows(scan(suseRoot('sles', '15.5', [client])))).toEqual(['CVE-2026-3000 samba-client none_yet']);
  });

  it("a build with an epoch is measured without it, because SUSE's documents have none", () => {
    const of = (nevra: string) => rows(scan(suseRoot('sles', '15.5', [rpm(nevra)])));
    expect(of('perl-4:5.26.1-150300.16.1.x86_64')).toEqual([
      'CVE-2026-4000 perl available 5.26.1-150300.17.1',
    ]);
    expect(of('perl-4:5.26.1-150300.17.1.x86_64')).toEqual([]);
  });

  it.each([
    ['opensuse-leap', '15.6', 'opensuse-leap-15.6', 'bash-4.4-150600.1.1.x86_64'],
    ['opensuse-tumbleweed', '20261101', 'opensuse-tumbleweed', 'bash-5.2.37-20.1.x86_64'],
    ['sle-micro', '5.5', 'sle-micro-5.5', 'bash-4.4-150400.25.22.x86_64'],
  ])('%s %s is judged as %s', (id, version, platform, nevra) => {
    const result = scan(suseRoot(id, version, [rpm(nevra)]));
    expect([result.platform.id, result.verdicts.length]).toEqual([platform, 1]);
  });

  it("on Leap the packages of SUSE Linux Enterprise are its own, on SLES openSUSE's backports are not", () => {
    const theirs = { keyid: keys.openSuse, vendor: 'openSUSE' };
    expect(scan(suseRoot('opensuse-leap', '15.6', [rpm('bash-4.4-1.x86_64', theirs)])).verdicts).toHaveLength(
      1,
    );
    const backport = rpm('bash-4.4-1.x86_64', { keyid: keys.backports, vendor: 'openSUSE' });
    const result = scan(suseRoot('sles', '15.5', [backport]));
    expect([result.verdicts, result.uncovered.map(({ detail }) => detail)]).toEqual([
      [],
      ["not SUSE's: key of openSUSE Backports"],
    ]);
  });

  it('a release that no document speaks of is not covered', () => {
    const { code, err } = scapfeed([
      'scan',
      `dir:${suseRoot('sles', '15.7', [old])}`,
      '--feed',
      out,
      '--max-age',
      '0',
    ]);
    expect([code, err]).toEqual([4, expect.stringContaining('PLATFORM_NOT_COVERED')]);
  });

  it('has package URLs, and explain tells the limit and the document', () => {
    const root = suseRoot('sles', '15.5', [old]);
    const { out: bom } = scapfeed(['inventory', `dir:${root}`, '-o', 'cyclonedx']);
    expect(bom).toContain('pkg:rpm/suse/bash@4.4-150400.25.22?arch=x86_64&distro=sles-15.5');
    const place = [`dir:${root}`, 'CVE-2026-1000', 'bash'];
    const told = scapfeed(['explain', ...place, '--feed', out, '--max-age', '0', '--snapshots', snapshots]);
    expect(told.code, told.err).toBe(0);
    expect(told.out).toContain('4.4-150400.27.1');
    expect(told.out).toContain('csaf-vex/cve-2026-1000.json');
    expect(told.out).toContain('/vulnerabilities/0/product_status/recommended');
  });
});

describe.skipIf(!hasData('rpm', 'sle15-bci'))('the real BCI image at hand (NDB)', () => {
  it('is read, and its packages are all of SUSE', () => {
    const root = rootWith({
      'etc/os-release': 'NAME="SLES"\nVERSION_ID="15.5"\nID="sles"\nPRETTY_NAME="SLES 15 SP5"\n',
    });
    mkdirSync(join(root, 'usr/lib/sysimage/rpm'), { recursive: true });
    cpSync(dataPath('rpm', 'sle15-bci', 'Packages.db'), join(root, 'usr/lib/sysimage/rpm/Packages.db'));
    const { verdicts, uncovered } = scan(root);
    expect(uncovered).toEqual([]);
    expect(verdicts.map(({ vulnerability, package: { name } }) => `${vulnerability} ${name}`)).toContain(
      'CVE-2026-1000 bash',
    );
  });
});

describe.skipIf(!canMakeDatabases || !hasOracle('oscap', 'xmllint'))('oscap on the OVAL of SUSE', () => {
  const document = (suffix: string) => join(out, `oval/sles-15.5.${suffix}.xml`);
  const namespace = ovalNamespace('sles-15.5');
  const fixed = (cve: string, name: string) => definitionId(namespace, flawKey('fixed', cve, name));

  it.skipIf(!hasOfficialSchemas())('is valid by the official schema', () => {
    const schema = join(officialSchemas, 'oval/5.11.1/oval-definitions-schema.xsd');
    for (const suffix of ['oval', 'unfixed.oval']) expect(xsdErrors(document(suffix), schema)).toBe('');
  });

  it('holds for its service pack alone', () => {
    const of = (root: string) => oscapVerdicts(document('oval'), { root });
    const own = of(suseRoot('sles', '15.5', [old]));
    const other = of(suseRoot('sles', '15.4', [old]));
    for (const key of [inventoryKey, coverageKey]) {
      expect(own.get(definitionId(namespace, key))).toBe('true');
      expect(other.get(definitionId(namespace, key))).toBe('false');
    }
    expect(own.get(fixed('CVE-2026-1000', 'bash'))).toBe('true');
    expect(other.get(fixed('CVE-2026-1000', 'bash'))).toBe('false');
    const renewed = of(suseRoot('sles', '15.5', [rpm('bash-4.4-150400.27.1.x86_64')]));
    expect(renewed.get(fixed('CVE-2026-1000', 'bash'))).toBe('false');
  });
});
