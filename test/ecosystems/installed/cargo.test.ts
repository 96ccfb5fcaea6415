import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dataPath, hasData } from '../../support/data.ts';
import { contentOf, crateSection, goProgram, programOf, readProgram, rustProgram } from './programs.ts';

const crates = [
  { name: 'app', version: '0.1.0', source: 'local' },
  { name: 'serde_json', version: '1.0.135' },
  { name: 'cc', version: '1.2.0', kind: 'build' },
  { name: 'ring', version: '0.17.8', source: 'git', kind: 'runtime' },
];
const packages = ['app 0.1.0', 'serde-json 1.0.135', 'ring 0.17.8'];

describe('a program of `cargo auditable`', () => {
  it('has the crates that run in it, by the one name that the registry takes for both spellings', () => {
    expect(contentOf(rustProgram(crates))).toEqual({ packages, unread: [] });
  });

  it.each([1, 7, 4095, 4096, 4097, 1 << 20])('is read in pieces of %i bytes', (pieceBytes) => {
    const program = rustProgram(crates, { text: Buffer.alloc(9_000, 'code') });
    expect(contentOf(program, pieceBytes)).toEqual({ packages, unread: [] });
  });

  it.each([
    [32, false, 'last'],
    [32, true, 'first'],
    [64, true, 'last'],
    [64, false, 'first'],
  ] as const)(
    'is read with words of %i bits, most significant byte first: %s, names %s',
    (bits, bigEndian, names) => {
      expect(contentOf(rustProgram(crates, { bits, bigEndian, names }))?.packages).toEqual(packages);
    },
  );

  it('is not one that has its list or name in another place', () => {
    const inside = rustProgram([{ name: 'other', version: '1.0.0' }]);
    const sections = { '.debug_str': Buffer.from('\0.dep-v0\0'), '.rest': crateSection(crates) };
    expect(contentOf(programOf({ text: inside, sections }))).toBeUndefined();
    expect(contentOf(rustProgram(crates, { text: inside, data: inside }))?.packages).toEqual(packages);
  });

  it('without crates of others has itself', () => {
    expect(contentOf(rustProgram([crates[0]!]))).toEqual({ packages: ['app 0.1.0'], unread: [] });
  });

  it('that has build information of Go is a program of Go', () => {
    const program = goProgram('go1.22.5', ['mod example.org/app v1.0.0'], {
      sections: { '.dep-v0': crateSection(crates) },
    });
    expect(contentOf(program)?.packages).toEqual(['stdlib 1.22.5', 'example.org/app v1.0.0']);
  });
});

describe('a crate that is not judged', () => {
  it('is one of another registry, whose names are others, and one without a name or version', () => {
    const odd = [
      { name: 'inner', version: '1.0.0', source: 'registry' },
      { name: 'x' },
      null,
      7,
      { version: '1' },
    ];
    const section = deflateSync(JSON.stringify({ packages: odd }));
    expect(contentOf(programOf({ sections: { '.dep-v0': section } }))).toEqual({
      packages: [],
      unread: ['inner 1.0.0 is of another registry', ...Array(4).fill('a crate without a name or version')],
    });
  });
});

describe('a damaged program', () => {
  const program = rustProgram(crates);

  it('cut off anywhere is none, or one whose sections are', () => {
    for (let length = 0; length < program.length; length += 1) {
      const found = contentOf(program.subarray(0, length));
      if (found) expect(found).toEqual({ packages: [], unread: ['its sections are cut off'] });
    }
  });

  const damaged = 'its list of crates is damaged or too large';
  it.each([
    ['no zlib data', Buffer.from('packages'), damaged],
    ['data that is cut off', crateSection(crates).subarray(0, -9), damaged],
    ['no JSON', deflateSync('packages'), damaged],
    ['no list', deflateSync('{"packages":{}}'), 'its list of crates has none'],
    ['nothing', deflateSync('null'), 'its list of crates has none'],
    ['9 MB of blanks', deflateSync(`${' '.repeat(9 << 20)}{"packages":[]}`), damaged],
    ['more values than any', deflateSync(`{"packages":[${'0,'.repeat(600_000)}0]}`), damaged],
  ])('with %s instead of its list is counted', (_, section, reason) => {
    expect(contentOf(programOf({ sections: { '.dep-v0': section } }))).toEqual({
      packages: [],
      unread: [reason],
    });
  });

  it('whose section is said to be in its code, or beyond its end', () => {
    const bytes = Buffer.from(program);
    const table = Number(bytes.readBigUInt64LE(40));
    const offset = table + 2 * 64 + 24;
    bytes.writeBigUInt64LE(64n, offset);
    expect(contentOf(bytes)?.unread).toEqual(['its list of crates is in a section that is loaded']);
    bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, offset);
    expect(contentOf(bytes)?.unread).toEqual([damaged]);
  });
});

it('a program of more symbols than are held is counted if it has a list, and is none if it has not', () => {
  const symbols = { '.symtab': Buffer.alloc(33 << 20, 'symbol') };
  expect(contentOf(rustProgram(crates, { sections: symbols }))?.unread).toEqual([
    'more than 33554432 bytes of symbols',
  ]);
  expect(contentOf(programOf({ sections: symbols }))).toBeUndefined();
});

it('a program without sections is not read beyond its segments', () => {
  const program = Buffer.concat([programOf({ text: Buffer.alloc(1 << 20) }), Buffer.alloc(1 << 20)]);
  program.writeUInt16LE(0, 60);
  expect(readProgram(program, 4096)).toEqual({ file: undefined, read: (1 << 20) + 4096 });
});

const fixtures = {
  'scalibr/rust/cargoauditable/testdata/no_deps/no_deps': ['no-deps 0.1.0'],
  'scalibr/rust/cargoauditable/testdata/not_binary/not_binary': undefined,
  'scalibr/rust/cargoauditable/testdata/uses_serde_json/uses_serde_json': [
    ...['itoa 1.0.14', 'memchr 2.7.4', 'proc-macro2 1.0.92', 'quote 1.0.38', 'ryu 1.0.18', 'serde 1.0.217'],
    ...[
      'serde-derive 1.0.217',
      'serde-json 1.0.135',
      'syn 2.0.95',
      'unicode-ident 1.0.14',
      'uses-json 0.1.0',
    ],
  ],
  'trivy/parser/rust/binary/testdata/test.elf': ['crate-with-features 0.1.0', 'library-crate 0.1.0'],
};

it.skipIf(!hasData('interchange2', 'extract')).each(Object.entries(fixtures))(
  '%s has the crates that other scanners expect',
  (file, expected) => {
    expect(contentOf(readFileSync(dataPath('interchange2', 'extract', file)))?.packages).toEqual(expected);
  },
);
