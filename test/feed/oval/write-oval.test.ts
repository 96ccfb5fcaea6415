import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeOval } from '../../../src/feed/oval/index.ts';
import type { OvalReport } from '../../../src/feed/oval/write-oval.ts';
import type { PlatformIndex } from '../../../src/model/feed/index.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import { flawKey, ovalNamespace, patchKey } from '../../../src/oval/forms/rows.ts';
import { affected, fixed, forky, indexOf } from '../../oval/support/indexes.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const toolVersion = '0.1.0';

const small = () =>
  indexOf({
    packages: {
      openssl: [
        fixed('3.0.8-1~deb12u1', ['CVE-2023-0215', 'CVE-2023-0286'], {
          severity: 'high',
          advisories: ['DSA-5343-1'],
        }),
        affected('will_not_fix', ['CVE-2024-5535'], { reason: 'minor', severity: 'low' }),
        { status: 'not_affected', severity: 'unknown', ids: ['CVE-2022-3602'] },
        { status: 'under_investigation', severity: 'unknown', ids: ['CVE-2025-27587'] },
      ],
      lvm2: [fixed('2.03.16-3', ['CVE-2020-8991'])],
      'gcc-12': [fixed('1:12.2.0-14+deb12u1', ['CVE-2023-4039'])],
      odd: [fixed('<unfixed>', ['CVE-2021-0001']), fixed('0', ['CVE-2021-0002'])],
    },
    roster: new Map([
      [
        'openssl',
        {
          version: '3.0.17-1~deb12u2',
          binaries: [
            { name: 'libssl3', version: '3.0.17-1~deb12u2' },
            { name: 'openssl', version: '3.0.17-1~deb12u2' },
          ],
        },
      ],
      [
        'lvm2',
        {
          version: '2.03.16-2',
          binaries: [
            { name: 'lvm2', version: '2.03.16-2+b1' },
            { name: 'dmsetup', version: '2:1.02.185-2' },
          ],
        },
      ],
    ]),
    vulnerabilities: [
      {
        id: 'CVE-2023-0286',
        description: 'Type confusion in X.400 <names> & "more" \u0000',
        published: '2023-02-08',
        cvss: [{ version: '3.1', score: 7.4, vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H' }],
      },
    ],
    advisories: [{ id: 'DSA-5343-1', date: '2023-02-07', title: 'openssl security update' }],
  });

async function write(
  index: PlatformIndex,
  directory = temporaryFolder(),
): Promise<{ directory: string; report: OvalReport; text(suffix: string): string }> {
  const report = await writeOval(index, directory, { toolVersion });
  return {
    report,
    directory,
    text: (suffix) => readFileSync(join(directory, `${index.platform.id}.${suffix}`), 'utf8'),
  };
}

test('a platform that no distribution has OVAL for has none, and its report says so', async () => {
  const { platform } = small();
  const made = { ...platform, id: 'testix-1', os: { id: 'testix', version: '1' } };
  const directory = temporaryFolder();

  expect(await writeOval({ ...small(), platform: made }, directory, { toolVersion })).toMatchObject({
    platform: 'testix-1',
    files: [],
    without: 'no OVAL form is known for testix',
  });
  expect(readdirSync(directory)).toEqual([]);
});

function titleOf(definition: string): string {
  return /<title>([^<]*)/.exec(definition)![1]!;
}

describe('writeOval', () => {
  const id = (key: string) => definitionId(ovalNamespace('debian-12'), key);
  let written: Awaited<ReturnType<typeof write>>;
  beforeAll(async () => {
    written = await write(small());
  });

  test('a fix makes a definition in the fixed file, an unfixed flaw in the other, the rest in none', () => {
    const fixedFile = written.text('oval.xml');
    const unfixedFile = written.text('unfixed.oval.xml');

    expect(fixedFile).toContain(id(flawKey('fixed', 'CVE-2023-0286', 'openssl')));
    expect(unfixedFile).toContain(id(flawKey('unfixed', 'CVE-2024-5535', 'openssl')));
    expect(unfixedFile).not.toContain('CVE-2023-0286');
    expect(fixedFile + unfixedFile).not.toMatch(/CVE-2022-3602|CVE-2025-27587/);
  });

  test('limits have an explicit epoch, once', () => {
    const limits = [...written.text('oval.xml').matchAll(/less than">([^<]*)</g)]
      .map((match) => match[1])
      .sort();

    expect(limits).toEqual(['0:2.03.16-3', '0:3.0.8-1~deb12u1', '1:12.2.0-14+deb12u1']);
  });

  test('flaws of one update share test, object and state', () => {
    expect(written.text('oval.xml').match(/comment="openssl source is earlier than[^"]*"/g)).toHaveLength(
      2 + 1 + 1,
    );
    expect(written.text('oval.xml').match(/<ind:textfilecontent54_object /g)).toHaveLength(2 + 3);
  });

  test('an advisory is a patch definition that refers to its flaws', () => {
    const patch = written
      .text('oval.xml')
      .split('\n')
      .find((line) => line.includes(id(patchKey('DSA-5343-1'))));

    expect(patch).toContain('class="patch"');
    expect(patch).toContain('<issued date="2023-02-07"/>');
    expect(patch).toMatch(/ref_id="CVE-2023-0215".*ref_id="CVE-2023-0286"/);
  });

  test('severity, score, dates and references stand where reports look for them', () => {
    const line = written
      .text('oval.xml')
      .split('\n')
      .find((text) => text.includes(id(flawKey('fixed', 'CVE-2023-0286', 'openssl'))));

    expect(line).toContain('<title>CVE-2023-0286 openssl (high)</title>');
    expect(line).toContain(
      '<reference source="CVE" ref_id="CVE-2023-0286" ref_url="https://security-tracker.debian.org/tracker/CVE-2023-0286"/>',
    );
    expect(line).toContain(
      '<description>Type confusion in X.400 &lt;names&gt; &amp; &quot;more&quot; U+0000</description>',
    );
    expect(line).toContain(
      '<severity>Important</severity><issued date="2023-02-07"/><cve cvss3="7.4/CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H" public="20230208">',
    );
  });

  test('what cannot be said is listed by cause, and not written', () => {
    const { entries } = JSON.parse(written.text('inexact.json')) as {
      entries: { cause: string; files: string[]; items?: string[] }[];
    };
    const items = (cause: string, file: string) =>
      entries.find((entry) => entry.cause === cause && entry.files.includes(file))?.items;

    expect(items('unparsable_fixed_version', 'oval')).toEqual([
      'fixed CVE-2021-0001 odd',
      'fixed CVE-2021-0002 odd',
    ]);
    expect(items('binary_version_differs', 'dpkginfo.oval')).toEqual(['fixed CVE-2020-8991 lvm2']);
    expect(items('binaries_unknown', 'dpkginfo.oval')).toContain('fixed CVE-2023-4039 gcc-12');
    expect(written.text('oval.xml')).not.toMatch(/CVE-2021-000[12]/);
  });

  test('where statements could not be read, each file has definitions of these packages, and all else stays', async () => {
    const index = small();
    const lines = [
      ...index.lines.map((line) => (line.package === 'lvm2' ? { ...line, unread: 2 } : line)),
      { package: 'quickjs', claims: [], unread: 1 },
    ];
    const { report, text } = await write({ ...index, lines });

    for (const { name } of report.files) {
      const suffix = name.slice('debian-12.'.length);
      const [before, after] = [written.text(suffix), text(suffix)].map((whole) => whole.split('\n'));
      const added = after!.filter((line) => !before!.includes(line));
      const definitions = added.filter((line) => line.startsWith('<definition '));
      const kinds = suffix.includes('unfixed') ? ['vulnerability'] : ['vulnerability', 'patch'];
      expect(definitions.map((line) => [/class="(\w+)"/.exec(line)![1], titleOf(line)])).toEqual([
        ...kinds.map((kind) => [kind, "lvm2: 2 of the vendor's statements could not be read"]),
        ...kinds.map((kind) => [kind, "quickjs: one of the vendor's statements could not be read"]),
      ]);
      expect(added.filter((line) => line.startsWith('<ind:unknown_test '))).toHaveLength(2);
      expect(before!.filter((line) => !after!.includes(line))).toEqual([]);
    }
    expect(text('dpkginfo.oval.xml')).toContain('comment="a binary of lvm2 is installed"');
    const { entries } = JSON.parse(text('inexact.json')) as {
      entries: { cause: string; items?: string[] }[];
    };
    const unknown = entries.find(({ cause }) => cause === 'binaries_unknown');
    expect(unknown?.items).toContain('unread quickjs');
    expect(written.text('oval.xml')).not.toContain('unknown_test');
  });

  test('the dpkginfo form tests the binaries of the source by name', () => {
    expect(written.text('dpkginfo.oval.xml')).toContain('<value>libssl3</value><value>openssl</value>');
    expect(written.text('dpkginfo.oval.xml')).not.toContain('dmsetup');
  });

  test('the timestamp is that of the data', () => {
    expect(written.text('oval.xml')).toContain('<oval:timestamp>2026-11-20T06:00:00</oval:timestamp>');
  });

  test('nothing but the files of the platform is left in the directory', () => {
    expect(readdirSync(written.directory).sort()).toEqual([
      'debian-12.dpkginfo.oval.xml',
      'debian-12.inexact.json',
      'debian-12.oval.xml',
      'debian-12.status-d.oval.xml',
      'debian-12.status-d.unfixed.oval.xml',
      'debian-12.unfixed.oval.xml',
    ]);
  });
});

describe('the same claims', () => {
  test('give the same bytes whatever their order', async () => {
    const index = small();
    const shuffled = {
      ...index,
      lines: index.lines.map((line) => ({
        ...line,
        claims: line.claims.toReversed().map((claim) => ({ ...claim, ids: claim.ids.toReversed() })),
      })),
    };
    const [one, other] = [await write(index), await write(shuffled)];

    for (const suffix of [
      'oval.xml',
      'unfixed.oval.xml',
      'status-d.oval.xml',
      'dpkginfo.oval.xml',
      'inexact.json',
    ]) {
      expect(sections(other.text(suffix)), suffix).toEqual(sections(one.text(suffix)));
    }
  });

  test('keep their ids when others come and go', async () => {
    const index = small();
    const fewer = { ...index, lines: index.lines.filter((line) => line.package === 'openssl') };
    const [all, some] = [await write(index), await write(fewer)];
    const lines = new Set(all.text('oval.xml').split('\n'));

    expect(
      some
        .text('oval.xml')
        .split('\n')
        .filter((line) => !lines.has(line)),
    ).toEqual([]);
  });
});

/** Claims of equal limits may come in either order within a line; the compiler fixes it. Items are compared as sets. */
function sections(text: string): string[] {
  return text.split('\n').sort();
}

describe('testing', () => {
  test('is told by its codename and the absence of VERSION_ID', async () => {
    const { text } = await write(
      indexOf({ platform: forky, packages: { openssl: [fixed('3.5.4-1', ['CVE-2025-9230'])] } }),
    );

    expect(text('oval.xml')).toContain('(?!.*^VERSION_ID=)(?=.*^VERSION_CODENAME=');
    expect(text('inexact.json')).toContain('sid_or_testing');
  });
});

describe('what must not be written', () => {
  test('a name that XML would change is refused with its place, and the last good files stay', async () => {
    const directory = temporaryFolder();
    await write(small(), directory);
    const before = readFileSync(join(directory, 'debian-12.oval.xml'));
    const bad = indexOf({
      packages: { a: [fixed('1', ['CVE-2020-1'])], 'b\u0007': [fixed('1', ['CVE-2020-1'])] },
    });

    await expect(write(bad, directory)).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      where: 'debian-12/b\u0007',
    });

    expect(readFileSync(join(directory, 'debian-12.oval.xml'))).toEqual(before);
    expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  test('a directory that is not there is told', async () => {
    await expect(write(small(), join(temporaryFolder(), 'absent'))).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
  });

  test('a name that is taken by a directory leaves nothing half done', async () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, 'debian-12.oval.xml'));
    writeFileSync(join(directory, 'debian-12.oval.xml', 'x'), '');

    await expect(write(small(), directory)).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });

    expect(existsSync(join(directory, 'debian-12.oval.xml.partial'))).toBe(false);
  });
});
