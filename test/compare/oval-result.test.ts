import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ovalResult } from '../../src/compare/oval-result.ts';
import type { OvalEvaluation } from '../../src/model/compliance/index.ts';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { vendorOval } from '../comply/support/vendor-oval.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

let image: string;
let feed: string;
let folder: string;

beforeAll(() => {
  folder = temporaryFolder();
  image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status':
      ['a', 'b'].map((name) => stanza(name, '1-1')).join('') +
      stanza('linux-image', '1-1', { Source: 'linux' }) +
      stanza('acme-release', '9.1-1'),
  });
  const fixed = (number: number, name: string, version: string) =>
    ({ vulnerability: `CVE-2026-${number}`, package: name, status: 'fixed', fixed: version }) as const;
  const names = ['a', 'b', 'linux'];
  feed = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map(names.map((name) => [name, { version: '1-1', binaries: [] }])) },
      statements: [
        fixed(1001, 'a', '2-1'),
        fixed(1002, 'a', '2-1'),
        fixed(1003, 'a', '3-1'),
        fixed(1004, 'a', '1-1'),
        { vulnerability: 'CVE-2026-1005', package: 'a', status: 'affected', fixState: 'none_yet' },
        fixed(1006, 'a', '2-1'),
        fixed(1007, 'a', '2-1'),
        fixed(1008, 'linux', '2-1'),
        { vulnerability: 'CVE-2026-1011', package: 'b', status: 'affected', fixState: 'none_yet' },
      ],
    },
  ]);
});

function compared(document: string, ...more: string[]) {
  const path = join(folder, 'vendor.xml');
  writeFileSync(path, document);
  // One package is of nobody.
  const args = ['compare', image, '--content', path, '--feed', feed, '--max-age', '0', '--allow-uncovered'];
  const { code, out, err } = scapfeed([...args, '-o', 'json', ...more]);
  expect([code, err]).toEqual([0, expect.stringMatching(/^policy: .*accepted by --allow-uncovered\)\n$/)]);
  return JSON.parse(out) as {
    same: number;
    notRead: number;
    differences: { vulnerability: string; package: string; side: string; cause: string; why: string }[];
  };
}

const flaw = (number: number, name: string, below?: string, vulnerabilities = [number]) => ({
  ...{ number, package: name, vulnerabilities, severity: 'Important' },
  ...(below === undefined ? {} : { below }),
  class: 'patch' as const,
});
const document = vendorOval(
  [
    flaw(1001, 'a', '0:2-1'),
    flaw(1003, 'a', '0:4-1'),
    flaw(1004, 'a', '0:2-1'),
    flaw(1005, 'a', '0:1-1'),
    flaw(1006, 'a', '0:1-1'),
    flaw(1007, 'b', '0:2-1'),
    flaw(1008, 'linux-image', '0:1-1'),
    flaw(1009, 'b', '0:2-1'),
  ],
  { type: 'deb' },
);

/** A definition for each, which is true where the status file has a version below 2-1. */
function ofStatusFile(...numbers: number[]): string {
  const definitions = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
  const each = numbers.map(
    (number) => `<definition id="oval:com.acme:def:${number}" version="1" class="vulnerability">
<metadata><title>A flaw</title><reference source="CVE" ref_id="CVE-2026-${number}"/><description/></metadata>
<criteria><criterion test_ref="oval:com.acme:tst:1"/></criteria></definition>`,
  );
  return `<oval_definitions xmlns="${definitions}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:ind="${definitions}#independent">
<generator><oval:schema_version>5.11.1</oval:schema_version><oval:timestamp>2026-01-02T03:04:05</oval:timestamp></generator>
<definitions>${each.join('')}</definitions>
<tests><ind:textfilecontent54_test id="oval:com.acme:tst:1" version="1" check="at least one" comment="an old version"><ind:object object_ref="oval:com.acme:obj:1"/><ind:state state_ref="oval:com.acme:ste:1"/></ind:textfilecontent54_test></tests>
<objects><ind:textfilecontent54_object id="oval:com.acme:obj:1" version="1"><ind:filepath>/var/lib/dpkg/status</ind:filepath><ind:pattern operation="pattern match">^Version: (1.*)$</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object></objects>
<states><ind:textfilecontent54_state id="oval:com.acme:ste:1" version="1"><ind:subexpression datatype="debian_evr_string" operation="less than">0:2-1</ind:subexpression></ind:textfilecontent54_state></states>
</oval_definitions>`;
}

describe("compare with a vendor's OVAL", () => {
  it('gives each difference its cause', () => {
    const { same, differences } = compared(document);

    expect(same).toBe(1);
    expect(
      differences.map(({ vulnerability, side, cause }) => `${vulnerability} ${side} ${cause}`).sort(),
    ).toEqual([
      'CVE-2026-1002 ours not_in_content',
      'CVE-2026-1003 both other_fix',
      'CVE-2026-1004 theirs fixed_here',
      'CVE-2026-1005 ours patches_only',
      'CVE-2026-1006 ours false_there',
      'CVE-2026-1007 ours other_packages',
      'CVE-2026-1007 theirs no_statement',
      'CVE-2026-1008 ours kernel',
      'CVE-2026-1009 theirs no_statement',
      'CVE-2026-1011 ours not_in_content',
    ]);
  });

  it('takes packages that are only installed, for flaws without a fix', () => {
    const { same, differences } = compared(
      vendorOval([flaw(1011, 'b'), flaw(1012, 'b')], { type: 'deb' }).replaceAll(
        '"patch"',
        '"vulnerability"',
      ),
    );

    expect(same).toBe(1);
    expect(differences.filter(({ side }) => side === 'theirs')).toEqual([
      expect.objectContaining({ vulnerability: 'CVE-2026-1012', package: 'b', cause: 'no_statement' }),
    ]);
  });

  it('of several fixes for one flaw takes ours, and counts definitions that name no flaw', () => {
    const flaws = [
      flaw(2001, 'a', '0:9-1', [1001]),
      flaw(1001, 'a', '0:2-1'),
      flaw(2002, 'a', '0:9-1', [1001]),
    ];
    const { same, notRead, differences } = compared(
      vendorOval([...flaws, flaw(2003, 'a', '0:9-1', [])], { type: 'deb' }),
    );

    expect({ same, notRead }).toEqual({ same: 1, notRead: 1 });
    expect(differences.map(({ side }) => side)).not.toContain('both');
  });

  it('of definitions that read files and name no package finds the one of that version, or says so', () => {
    const { same, differences } = compared(ofStatusFile(1001, 1013));

    expect(same).toBe(1);
    expect(differences.filter(({ side }) => side === 'theirs')).toEqual([
      expect.objectContaining({ vulnerability: 'CVE-2026-1013', package: '', cause: 'package_not_named' }),
    ]);
  });

  it('of another release has nothing, and says why', () => {
    const { differences } = compared(document.replaceAll('^9', '^8'));

    expect(new Set(differences.map(({ side, cause }) => `${side} ${cause}`))).toEqual(
      new Set(['ours release_check']),
    );
    expect(differences[0]?.why).toContain('"Acme Linux 9 is installed"');
  });

  it('names the signature where the vendor has not signed the package', () => {
    const definition = {
      id: 'oval:com.acme:def:1',
      class: 'patch',
      result: 'false',
      vulnerabilities: ['CVE-2026-1'],
    };
    const { whyNot } = ovalResult({
      applies: 'yes',
      definitions: [definition],
      content: { documents: [] },
    } as unknown as OvalEvaluation);
    const why = (marks: string[]) =>
      whyNot!({
        vulnerability: 'CVE-2026-1',
        fixState: 'available',
        marks,
        package: { name: 'a', version: '1-1', source: { name: 'a' } },
      } as unknown as ViewedVerdict);

    expect(why(['unknown_key'])).toEqual({
      cause: 'signature',
      why: "oval:com.acme:def:1 is false: a is signed with an unknown key, and the content may ask for the vendor's",
    });
    expect([why(['unsigned']).cause, why([]).cause]).toEqual(['signature', 'false_there']);
  });

  it('takes exactly one result or document', () => {
    const { code, err } = scapfeed(['compare', image, '--feed', feed]);

    expect(code).toBe(2);
    expect(err).toContain('--content FILE');
  });
});
