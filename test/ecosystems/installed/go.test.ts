import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareInEcosystem } from '../../../src/ecosystems/ecosystems.ts';
import { dataPath, hasData } from '../../support/data.ts';
import {
  buildInformation,
  buildPointers,
  contentOf,
  goProgram,
  olderGoProgram,
  programOf,
  readProgram,
} from './programs.ts';

const lines = [
  'path example.org/app',
  'mod example.org/app v1.2.0 h1:abc=',
  'dep example.org/Upper v0.9.0 h1:abc=',
  'dep example.org/old v1.0.0',
  '=> example.org/fork v1.0.1 h1:abc=',
  'build -compiler=gc',
];
const packages = [
  'stdlib 1.22.5',
  'example.org/app v1.2.0',
  'example.org/Upper v0.9.0',
  'example.org/fork v1.0.1',
];

describe('a program of Go', () => {
  it('has its toolchain as `stdlib`, its module, its dependencies, and what replaces one instead of it', () => {
    expect(contentOf(goProgram('go1.22.5', lines))).toEqual({ packages, unread: [] });
  });

  it.each([1, 7, 4095, 4096, 4097, 1 << 20])('is read in pieces of %i bytes', (pieceBytes) => {
    const program = goProgram('go1.22.5', lines, { text: Buffer.alloc(9_000, 'code') });
    expect(contentOf(program, pieceBytes)).toEqual({ packages, unread: [] });
  });

  it.each([
    [32, false],
    [32, true],
    [64, true],
  ] as const)('is read with words of %i bits, most significant byte first: %s', (bits, bigEndian) => {
    expect(contentOf(goProgram('go1.22.5', lines, { bits, bigEndian }))?.packages).toEqual(packages);
  });

  it('is not read beyond its build information, and a file that is no program not beyond its first piece', () => {
    const program = Buffer.concat([goProgram('go1.22.5', lines), Buffer.alloc(1 << 20)]);
    expect(readProgram(program, 4096).read).toBe(4096);
    expect(readProgram(Buffer.alloc(1 << 20, '#!/bin/sh\n'), 4)).toEqual({ file: undefined, read: 4 });
  });

  it.each([
    ['go1.22rc1', '1.22rc1', '1.22.0-rc.1'],
    ['go1.26.5 (Red Hat 1.26.5-1.el10_2.alma.1)', '1.26.5', 'v1.26.5'],
    ['go1.22.1 X:loopvar', '1.22.1', '1.22.1'],
    ['go1.24.4-X:nodwarf5', '1.24.4', '1.24.4'],
    // https://go.dev/doc/toolchain: a vendor's suffix. In the order of modules it would be a prerelease.
    ['go1.22.5-vendor', '1.22.5', '1.22.5'],
    ['go1.20', '1.20', '1.20.0'],
  ])('built by %s has stdlib %s', (toolchain, version, same) => {
    expect(contentOf(goProgram(toolchain, lines))?.packages[0]).toBe(`stdlib ${version}`);
    expect(compareInEcosystem('golang', version, same)).toBe(0);
  });

  it.each(['devel go1.25-1a2b3c4 Mon Jan 2', 'unknown', ''])(
    'built by `%s` has no known stdlib',
    (toolchain) => {
      const name = toolchain || 'an unnamed toolchain';
      expect(contentOf(goProgram(toolchain, lines))).toEqual({
        packages: packages.slice(1),
        unread: [`built by ${name}, which is no release of Go`],
      });
    },
  );

  it.each([1, 15, 16, 17, 4096, 1 << 20])(
    'of Go 1.13 to 1.17 has its modules, in pieces of %i bytes',
    (pieceBytes) => {
      const unread = ['built by Go before 1.18, with a standard library of unknown version'];
      const older = olderGoProgram(lines, { text: Buffer.alloc(9_000, 'code') });
      expect(contentOf(older, pieceBytes)).toEqual({ packages: packages.slice(1), unread });
      const wide = olderGoProgram(lines, { bits: 32, bigEndian: true });
      expect(contentOf(wide, pieceBytes)).toEqual({ packages: packages.slice(1), unread });
    },
  );

  it('built before 1.18 without a record of modules is counted', () => {
    expect(contentOf(programOf({ data: buildPointers }))).toEqual({
      packages: [],
      unread: ['built by Go before 1.18'],
    });
  });

  it('without a record of modules is not one without dependencies', () => {
    expect(contentOf(goProgram('go1.22.5', []))?.unread).toEqual(['no record of its modules']);
    // Distributions build from folders in GOPATH.
    expect(contentOf(goProgram('go1.22.5', ['path example.org/app', 'build CGO_ENABLED=0']))?.unread).toEqual(
      ['built without modules'],
    );
    expect(contentOf(goProgram('go1.22.5', ['path cmd/go', 'build CGO_ENABLED=0']))).toEqual({
      packages: ['stdlib 1.22.5'],
      unread: [],
    });
  });

  it('that has the mark as a text, or another program inside, is read by its own', () => {
    const mark = Buffer.from('\xff Go buildinf:', 'latin1');
    const others = Buffer.concat([Buffer.alloc(48), buildInformation('go1.1.1', 'mod\tother.org/x\tv1.0.0')]);
    const own = buildInformation('go1.22.5', lines.join('\n').replaceAll(' ', '\t'));
    const text = Buffer.concat([Buffer.alloc(64), mark, Buffer.from('is text, 16 at 0'), others]);
    for (const shift of [0, 1, 2, 16])
      expect(
        contentOf(
          programOf({
            text,
            data: Buffer.concat([
              mark,
              Buffer.alloc(2),
              Buffer.alloc(shift, 'x'),
              Buffer.alloc(32 - shift),
              own,
            ]),
          }),
        )?.packages,
      ).toEqual(packages);
    expect(contentOf(programOf({ text }))).toBeUndefined();
  });
});

it.each<[string, string, object | undefined]>([
  ['a release', 'mod example.org/app v1.2.0 h1:abc=', { name: 'example.org/app', version: 'v1.2.0' }],
  ['a folder', 'mod example.org/app (devel)', { name: 'example.org/app' }],
  ['a commit', 'mod example.org/app v0.0.0-20240102030405-abcdef012345', { name: 'example.org/app' }],
  ['a local name', 'mod app v1.0.0', undefined],
  ['nothing', 'dep example.org/app v1.0.0', undefined],
])('a program is known by its main module, of %s', (_, main, program) => {
  const all = [...lines.slice(0, 1), main, ...lines.slice(2)];
  expect(readProgram(goProgram('go1.22.5', all)).file?.program).toEqual(program);
  expect(readProgram(olderGoProgram(all)).file?.program).toEqual(program);
});

describe('a module without a version that can be compared', () => {
  const withMain = (version: string) => contentOf(goProgram('go1.22.5', [`mod example.org/app ${version}`]));

  it.each([
    [
      'grype#1416 and grype#1797, of a program that was built from its folder',
      '(devel)',
      /is built from a folder/,
    ],
    [
      'istio, grype#972: numbered in a scheme of another tag',
      'v0.0.0-20240102030405-abcdef012345',
      /between releases/,
    ],
    ['consul, grype#1863', 'v1.2.4-0.20240102030405-abcdef012345', /between releases/],
    [
      'Prometheus (2026), whose tags are those of another major version',
      'v0.0.0-20260102030405-abcdef012345',
      /between releases/,
    ],
    ['after a prerelease', 'v1.2.4-rc.1.0.20240102030405-abcdef012345+dirty', /between releases/],
  ])('%s: the main module is not judged', (_, version, reason) => {
    expect(withMain(version)).toEqual({
      packages: ['stdlib 1.22.5'],
      unread: [expect.stringMatching(reason)],
    });
  });

  it.each(['command-line-arguments', 'shop/cart'])('%s is the name of a local module', (name) => {
    expect(contentOf(goProgram('go1.22.5', [`mod ${name} v1.2.3`]))).toEqual({
      packages: ['stdlib 1.22.5'],
      unread: [`${name} is the name of a local module`],
    });
  });

  it.each(['v1.2.3', 'v1.2.3+dirty', 'v4.0.0+incompatible', 'v1.2.3-rc.1'])(
    'is not the main module at %s',
    (version) => {
      expect(withMain(version)?.packages).toEqual(['stdlib 1.22.5', `example.org/app ${version}`]);
    },
  );

  it('is not a dependency at a commit, which Go orders', () => {
    const version = 'v0.0.0-20220907171357-04be3eba64a2';
    expect(contentOf(goProgram('go1.22.5', [`dep example.org/a ${version}`]))).toEqual({
      packages: ['stdlib 1.22.5', `example.org/a ${version}`],
      unread: [],
    });
    expect(compareInEcosystem('golang', version, 'v0.0.0-20221001000000-000000000000')).toBe(-1);
    expect(compareInEcosystem('golang', 'v2.0.0+incompatible', '2.0.0')).toBe(0);
  });

  it('is a folder that replaces one, a folder of a workspace, and one without a path', () => {
    const odd = [
      'dep example.org/a v1.0.0',
      '=> ./a (devel)',
      'dep example.org/b v1.0.0',
      '=> ../b ',
      'dep example.org/c (devel)',
      'dep ',
    ];
    expect(contentOf(goProgram('go1.22.5', odd))).toEqual({
      packages: ['stdlib 1.22.5'],
      unread: [
        'example.org/a is replaced by a folder without a version',
        'example.org/b is replaced by a folder without a version',
        'example.org/c is built from a folder without a version',
        'a module without a path',
      ],
    });
  });
});

describe('a damaged program', () => {
  const damaged = (detail: string) => ({ ecosystem: 'golang', kind: 'damaged', detail });
  const program = goProgram('go1.22.5', lines);

  it('cut off anywhere lists all, or what is missing, or nothing', () => {
    for (let length = 0; length < program.length; length += 1) {
      const found = contentOf(program.subarray(0, length));
      const isCut = found?.packages.length === 0 && found.unread[0] === 'its build information is cut off';
      if (found && !isCut) expect(found.packages).toEqual(packages);
    }
    const end = program.indexOf('>'.repeat(16));
    expect(contentOf(program.subarray(0, end))?.unread).toEqual(['its build information is cut off']);
  });

  it('of Go before 1.18 cut off anywhere lists all or nothing', () => {
    const older = olderGoProgram(lines);
    for (let length = 0; length < older.length; length += 1) {
      const found = contentOf(older.subarray(0, length));
      if (found && found.packages.length > 0) expect(found.packages).toEqual(packages.slice(1));
    }
    const note = older.indexOf('Go\0\0', 0, 'latin1');
    expect(contentOf(older.subarray(0, note + 16))?.unread).toEqual(['its build information is cut off']);
    const endless = olderGoProgram([`dep ${'x'.repeat(2 << 20)} v1.0.0`]);
    const unended = Buffer.from(older);
    unended[unended.indexOf(Buffer.from('f932433186182072', 'hex'))] = 0;
    for (const each of [endless, unended]) {
      const { file } = readProgram(each);
      expect(file).toEqual({ packages: [], unread: [damaged('the record of its modules has no end')] });
    }
  });

  it.each([
    ['a length above any', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])],
    ['a length without an end', Buffer.alloc(500_000, 0x80)],
    ['a length above that of a name', Buffer.from([0xe9, 0x07])],
    ['a name that is none', Buffer.from([4, 0, 1, 2, 3])],
  ])('whose toolchain has %s is unread, unless it has build information elsewhere', (_, toolchain) => {
    const head = buildInformation('', '').subarray(0, 32);
    const data = Buffer.concat([head, toolchain, Buffer.alloc(2048)]);
    const { file } = readProgram(programOf({ data }), 64);
    expect(file).toEqual({ packages: [], unread: [damaged('its build information is damaged')] });
    const own = buildInformation('go1.22.5', lines.join('\n').replaceAll(' ', '\t'));
    const other = Buffer.concat([data, Buffer.alloc(-data.length & 15), own]);
    expect(contentOf(programOf({ data: other }), 64)).toEqual({ packages, unread: [] });
  });

  it.each([
    ['a length above any', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]), /more than 1048576 bytes/],
    ['a length without an end', Buffer.alloc(500_000, 0x80), /more than 1048576 bytes/],
  ])('with %s is not waited for', (_, length, reason) => {
    const information = buildInformation('go1.22.5', '');
    const data = Buffer.concat([information.subarray(0, -1), length, Buffer.alloc(64)]);
    expect(contentOf(programOf({ data }), 64)?.unread).toEqual([expect.stringMatching(reason)]);
  });

  it('with marks all over takes time by its length alone', () => {
    const pair = Buffer.concat([Buffer.from('\xff Go buildinf:', 'latin1'), Buffer.from([8, 2])]);
    const data = Buffer.alloc(4 << 20, pair);
    const started = process.cpuUsage();
    expect(contentOf(programOf({ data }), 4096)?.unread).toEqual(['its build information is cut off']);
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });
});

const fixtures = ['scalibr/golang/gobinary/testdata', 'trivy/parser/golang/binary/testdata'];

it.skipIf(!hasData('interchange2', 'extract'))(
  'programs of other scanners have the modules that they expect',
  () => {
    const found = fixtures.flatMap((folder) =>
      readdirSync(dataPath('interchange2', 'extract', folder)).map((name) => [
        name,
        contentOf(readFileSync(dataPath('interchange2', 'extract', folder, name))),
      ]),
    );
    expect(Object.fromEntries(found)).toEqual({
      'binary_with_module_replacement-linux-386': {
        packages: ['stdlib 1.22.0', 'github.com/golang/xerrors v0.0.0-20220907171357-04be3eba64a2'],
        unread: ['binary_with_module_replacement is the name of a local module'],
      },
      dummy: undefined,
      goexperiment: { packages: ['stdlib 1.22.1'], unread: ['built without modules'] },
      'test.elf': {
        packages: [
          'github.com/aquasecurity/go-pep440-version v0.0.0-20210121094942-22b2f8951d46',
          'github.com/aquasecurity/go-version v0.0.0-20210121072130-637058cfe492',
          'golang.org/x/xerrors v0.0.0-20200804184101-5ec99f83aff1',
        ],
        unread: [
          'built by Go before 1.18, with a standard library of unknown version',
          'github.com/aquasecurity/test is built from a folder without a version',
        ],
      },
    });
  },
);
