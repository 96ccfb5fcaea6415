import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floatOf } from '../src/comply/values/simple.ts';
import { richText } from '../src/comply/xccdf/rich-text.ts';
import { toNumber, Work } from '../src/comply/xpath/values.ts';
import { readTrackerStatus } from '../src/distros/ubuntu/tracker-status.ts';
import { FlawNames } from '../src/ecosystems/osv/aliases.ts';
import { composer } from '../src/ecosystems/versions/composer.ts';
import { pep440 } from '../src/ecosystems/versions/pep440.ts';
import { dayIn } from '../src/enrichment/cve-records/fetch.ts';
import { shortDigest } from '../src/fleet/pages/parts.ts';
import { parseRpmEvr } from '../src/packaging/rpm/version.ts';
import { nextPage } from '../src/registry/list-names.ts';
import { withoutBrackets } from '../src/sbom/values.ts';
import { cpeHolds, isCpe } from '../src/vex/cpe.ts';
import { readVexDocument } from '../src/vex/index.ts';
import { debianRelease, rootWith, scapfeed, stanza } from './support/cli.ts';
import { temporaryFolder } from './support/temporary.ts';

// Each of these took time by the square of the length: hours for the bytes that a limit lets through. A pattern that V8 has compiled by then
// can also end its stack for patterns.

const length = 4 << 20;
const many = (text: string) => text.repeat(length);
const xccdf = (text: string) => ({ name: 'description', ns: '', attrs: {}, line: 1, children: [text] });

describe('a text of four million characters that is nearly of a form', () => {
  it.each<[string, () => unknown, unknown]>([
    ['the version of an rpm', () => parseRpmEvr(`${many('a')}!`), undefined],
    ['the release of an rpm', () => parseRpmEvr(`1-${many('a')}!`), undefined],
    ['a version of Composer', () => composer.read(`1${many(' ')}!`), undefined],
    ['a version of Python', () => pep440.read(`1${many('.0')}1!`), undefined],
    ['zeros of a version of Python', () => pep440.read(`1${'.0'.repeat(500_000)}`), undefined],
    ['a number of OVAL', () => floatOf(`${many('1')}x`), undefined],
    ['a number of XPath', () => toNumber(`1${many(' ')}x`, new Work(1)), Number.NaN],
    ['a text of XCCDF', () => richText(xccdf(`a${many(' ')}b`)).length, length + 2],
    ['a status of a tracker', () => readTrackerStatus(`needed ${many(')')}x`).doubt, 'malformed_status'],
    ['a system in an SBOM', () => withoutBrackets(`2${many(' (')}`).length, 2 * length + 1],
    ['the day of a release', () => dayIn(`/2026-01-01_${many('a')}/`), undefined],
    ['a digest on a page', () => shortDigest(`${many('0')}x`).text.length > length, true],
    ['the next page of a registry', () => nextPage(many('<'), 'https://registry.example/'), undefined],
    ['a CPE', () => isCpe(`cpe:/a:${many('a')}`), false],
    [
      'the CPE of a system',
      () => cpeHolds('cpe:/o:a:b:1', { os: { id: 'a', cpe: `cpe:/o:${many('a')}\\` } as never }, () => true),
      false,
    ],
    [
      'an image in VEX',
      () =>
        readVexDocument(
          Buffer.from(
            JSON.stringify({
              ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, vulnerabilities: [] },
              metadata: { component: { type: 'container', name: `${many(':')}/` } },
            }),
          ),
          'vex.json',
        ).statements.length,
      0,
    ],
  ])('%s', (_, read, expected) => {
    expect(read()).toEqual(expected);
  });

  it('in the files of an image', () => {
    const root = rootWith({
      'etc/lsb-release': `DISTRIB_ID=Debian\nDISTRIB_RELEASE=12\nDISTRIB_DESCRIPTION="${'1'.repeat(4_000_000)}"\n`,
      'etc/debian_version': '12.5\n',
      'var/lib/dpkg/status': stanza('bash', '5'),
      'usr/share/doc/bash/copyright': `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nLicense: a${' '.repeat(4_000_000)}b\n`,
    });
    const { code, out, err } = scapfeed(['inventory', `dir:${root}`, '-o', 'cyclonedx']);
    expect([code, err]).toEqual([0, expect.not.stringContaining('INTERNAL')]);
    expect(out).toContain('pkg:deb/debian/bash@5');
  });

  it('in an SBOM', () => {
    const file = join(temporaryFolder(), 'sbom.json');
    const purl = `pkg:rpm/rocky/bash@${'a'.repeat(1_000_000)}!-1?arch=x86_64&upstream=bash-5-1.src.rpm`;
    writeFileSync(
      file,
      JSON.stringify({
        ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
        components: [
          { type: 'operating-system', name: 'rocky', version: `9${' ('.repeat(1_000_000)}` },
          { type: 'library', name: 'bash', version: '5', purl },
        ],
      }),
    );
    const { err } = scapfeed(['inventory', `sbom:${file}`, '-o', 'json']);
    expect(err).not.toContain('INTERNAL');
  });
});

it('a chain of 300,000 aliases has one name, and is walked once', () => {
  const names = new FlawNames();
  const last = 300_000;
  const id = (at: number) => `OSV-${String(last - at).padStart(6, '0')}`;
  for (let at = 1; at <= last; at++) names.join(id(at), [id(at - 1)]);
  for (let at = 0; at <= last; at++) if (names.namesOf(id(at))[0] !== id(last)) throw new Error(id(at));
  names.join(id(0), ['CVE-2026-1']);
  expect([id(0), id(last), id(1000)].map((each) => names.namesOf(each))).toEqual([
    ...[['CVE-2026-1'], ['CVE-2026-1'], ['CVE-2026-1']],
  ]);
});

it('is read as before where it is of a form', () => {
  expect(debianRelease('12', 'bookworm')).toContain('VERSION_ID');
  expect(
    ['2 (Karoo)', 'Red Hat (a@b)', 'a (b) (c)', 'a (b) c', ')', '()', 'a ((b)'].map(withoutBrackets),
  ).toEqual([...['2', 'Red Hat', 'a (b)', 'a (b) c', ')', '', 'a']]);
  expect(['1.', '.5', '1.5e3', '+1', '.', '1.2.3'].map(floatOf)).toEqual([
    1,
    0.5,
    1500,
    1,
    undefined,
    undefined,
  ]);
  expect([' 1 ', '-1.5\n', '.5', '-', '1 2'].map((text) => toNumber(text, new Work(1)))).toEqual([
    ...[1, -1.5, 0.5, Number.NaN, Number.NaN],
  ]);
  expect(['1-1', '._1a-1', '.-1', '1-..', '1:2-3'].map((text) => parseRpmEvr(text) !== undefined)).toEqual([
    ...[true, true, false, false, true],
  ]);
});
