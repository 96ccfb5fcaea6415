import { describe, expect, it } from 'vitest';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { Places } from '../../../src/distros/ubuntu/place.ts';
import { parseVex } from '../../../src/distros/ubuntu/vex.ts';

const places = new Places(ubuntuDefinition);

const glibc = 'pkg:deb/ubuntu/glibc@2.35-0ubuntu3.13?arch=source&distro=jammy';

function vex(...statements: object[]): string {
  return JSON.stringify({ '@context': 'https://openvex.dev/ns/v0.2.0', statements });
}

function affected(action: string, ...products: string[]): object {
  return {
    vulnerability: { name: 'CVE-2016-20013' },
    status: 'affected',
    action_statement: action,
    products: products.map((id) => ({ '@id': id })),
  };
}

describe('the reason that an action statement gives', () => {
  it.each([
    [
      'This package (for the given release) is vulnerable to the CVE, the problem is understood, but the Ubuntu Security Team decided to not fix it. CVE Notes / justification: it needs fixing elsewhere',
      'will_not_fix',
    ],
    [
      'This package (for the given release) is no longer supported. Please upgrade your system.',
      'end_of_life',
    ],
    ['This package (for the given release) is vulnerable to the CVE and needs fixing.', 'none_yet'],
  ])('%s', (action, fixState) => {
    expect(parseVex(vex(affected(action, glibc)), places)).toMatchObject([{ saying: { fixState } }]);
  });

  it.each([
    ['a new wording', affected('Wait and see.', glibc), 'unknown_action'],
    ['no wording', { ...affected('', glibc), action_statement: undefined }, 'unknown_action'],
    [
      'binaries only',
      affected('It needs fixing.', 'pkg:deb/ubuntu/libc6@2.35?arch=amd64&distro=jammy'),
      'no_source_products',
    ],
    [
      'a fix, whose version is of the day (CVE-2023-38545)',
      { ...affected('', glibc), status: 'fixed' },
      'no_unfixed_row',
    ],
    ['not affected', { ...affected('', glibc), status: 'not_affected' }, 'no_unfixed_row'],
    ['under investigation', { ...affected('', glibc), status: 'under_investigation' }, 'no_unfixed_row'],
  ])('none from %s', (_, statement, why) => {
    expect(parseVex(vex(statement), places)).toMatchObject([{ why, targets: [] }]);
  });
});

it('speaks of source packages by release and channel, and of nothing without a release', () => {
  const products = [
    glibc,
    'pkg:deb/ubuntu/libc6@2.35-0ubuntu3.13?arch=amd64&distro=jammy',
    'pkg:deb/ubuntu/gcc-mingw-w64%2B@1?arch=source&distro=esm-apps%2Fxenial',
    'pkg:deb/ubuntu/linux@1?arch=source',
    'pkg:deb/ubuntu/linux@1?arch=source&distro=zealous',
  ];
  const [reason] = parseVex(vex(affected('It needs fixing.', ...products)), places);
  expect(reason).toMatchObject({
    targets: [
      { package: 'glibc', place: { platform: 'ubuntu-22.04' } },
      { package: 'gcc-mingw-w64+', place: { platform: 'ubuntu-16.04', channel: 'esm-apps' } },
    ],
  });
});

it.each([
  ['null', null, '/statements/1'],
  ['without a status', { vulnerability: { name: 'CVE-2024-0001' } }, '/statements/1/status'],
  [
    'of a product without id',
    affected('It needs fixing.', undefined as never),
    '/statements/1/products/0/@id',
  ],
  [
    'with a purl that cannot be decoded',
    affected('It needs fixing.', glibc.replace('jammy', '%E0')),
    '/statements/1',
  ],
])('a statement %s is told with its place, the others are read', (_, odd, where) => {
  const good = affected('It needs fixing.', glibc);
  const read = parseVex(vex(good, odd as object, good), places);
  expect(read).toMatchObject([{ saying: {} }, { code: 'SOURCE_MALFORMED', where }, { saying: {} }]);
});

it.each([
  ['no JSON', '{', 'SOURCE_NOT_JSON'],
  ['no statements', '{}', 'SOURCE_MALFORMED'],
  ['null', 'null', 'SOURCE_MALFORMED'],
])('%s is no document', (_, text, code) => {
  expect(() => parseVex(text, places)).toThrow(expect.objectContaining({ code }));
});

it('a document without any statement is one (CVE-2025-0194)', () => {
  expect(parseVex(vex(), places)).toEqual([]);
});
