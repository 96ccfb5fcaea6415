import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bitnami } from '../../src/ecosystems/versions/bitnami.ts';
import { composer } from '../../src/ecosystems/versions/composer.ts';
import { gem } from '../../src/ecosystems/versions/gem.ts';
import { maven } from '../../src/ecosystems/versions/maven.ts';
import { nuget } from '../../src/ecosystems/versions/nuget.ts';
import { pep440 } from '../../src/ecosystems/versions/pep440.ts';
import { goVersions, semver } from '../../src/ecosystems/versions/semver.ts';
import type { VersionOrder } from '../../src/packaging/order.ts';
import { parseRange, placeIn } from '../../src/packaging/range.ts';
import { dataPath, hasData } from '../support/data.ts';

type Comparison = readonly [a: string, relation: string, b: string];

/** Lines `a < b`. */
function linesOf(file: string): Comparison[] {
  return readFileSync(dataPath('interchange2', 'versions', file), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, a, relation, b] = /^([^\s#/]\S*) ([<=>]) (\S+)$/.exec(line.trim()) ?? [];
      return a === undefined ? [] : [[a, relation!, b!] as const];
    });
}

function rowsOf(file: string): Record<string, string>[] {
  const [head = '', ...rows] = readFileSync(dataPath('interchange2', 'versions', file), 'utf8').split('\n');
  const names = head.split('\t');
  return rows
    .filter((row) => row !== '')
    .map((row) => Object.fromEntries(row.split('\t').map((value, at) => [names[at]!, value])));
}

/** The comparisons of the suite of package URLs' version ranges. */
function versOf(scheme: string): Comparison[] {
  const file = dataPath('interchange2', 'vers', 'tests', `${scheme}_version_cmp_test.json`);
  const { tests } = JSON.parse(readFileSync(file, 'utf8')) as {
    tests: { test_type: string; input: { versions: [string, string] }; expected_output: unknown }[];
  };
  return tests.map(({ test_type: type, input, expected_output: expected }): Comparison => {
    const [a, b] = input.versions;
    if (type === 'equality') return [a, expected === true ? '=' : '!', b];
    const [low, high] = expected as [string, string];
    return [low, '≤', high];
  });
}

/** Comparisons that an order answers otherwise than the list, in both directions, and versions that it refuses. */
function judged<Version>(order: VersionOrder<Version>, comparisons: readonly Comparison[]) {
  const refused = new Set<string>();
  const wrong: string[] = [];
  for (const [a, relation, b] of comparisons) {
    const [one, other] = [order.read(a), order.read(b)];
    if (one === undefined) refused.add(a);
    if (other === undefined) refused.add(b);
    if (one === undefined || other === undefined) continue;
    const sign = Math.sign(order.compare(one, other));
    const holds = { '<': sign < 0, '=': sign === 0, '>': sign > 0, '≤': sign <= 0, '!': sign !== 0 };
    if (!holds[relation as keyof typeof holds]) wrong.push(`${a} ${relation} ${b}`);
    if (Math.sign(order.compare(other, one)) !== 0 - sign) wrong.push(`${a}, ${b}: not the same both ways`);
  }
  return { cases: comparisons.length, refused: [...refused].sort(), wrong: [...new Set(wrong)] };
}

describe.skipIf(!hasData('interchange2', 'versions'))('versions of ecosystems', () => {
  it('of Maven are ordered as in the lists, but where Maven 3.9 itself is of another mind', () => {
    // versions.oracle.test.ts asks it.
    expect(judged(maven, linesOf('maven-versions.txt'))).toEqual({
      cases: 102,
      refused: [],
      wrong: ['1-1 = 1-ga-1'],
    });
    expect(judged(maven, versOf('maven'))).toEqual({
      cases: 977,
      refused: [],
      wrong: ['2-1 ≤ 2.0.a', '2-1 ≤ 2.0.0.a'],
    });
  });

  it('of NuGet are ordered as in the lists', () => {
    expect(judged(nuget, linesOf('nuget-versions.txt'))).toEqual({ cases: 35, refused: [], wrong: [] });
    expect(judged(nuget, versOf('nuget'))).toEqual({ cases: 33, refused: [], wrong: [] });
  });

  it('of RubyGems are ordered as in the list', () => {
    const found = judged(gem, linesOf('rubygems-versions-generated.txt'));
    expect(found).toEqual({ cases: 4098, refused: [], wrong: [] });
  });

  it('of Python are ordered as in the list; words of before PEP 440 are no versions', () => {
    const { refused, ...found } = judged(pep440, linesOf('pypi-versions.txt'));
    expect(found).toEqual({ cases: 37, wrong: [] });
    expect(refused.every((version) => /[a-z]{4}/.test(version))).toBe(true);
  });

  it('of npm are ordered as by node-semver', () => {
    const rows = [...rowsOf('node-semver-order.tsv'), ...rowsOf('node-semver-equal.tsv')];
    const found = judged(
      semver,
      rows.map(({ a, op, b }) => [a!, op!, b!] as const),
    );
    expect(found).toEqual({ cases: 51, refused: [], wrong: [] });
    expect(rowsOf('node-semver-invalid.tsv').map(({ string }) => semver.read(string!))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('of Go: pseudo-versions are above what they were made after, and below the next release', () => {
    const found = judged(
      goVersions,
      rowsOf('go-pseudo.tsv').flatMap(({ older, pseudo }): Comparison[] =>
        older ? [[older, '<', pseudo!]] : [],
      ),
    );
    expect(found).toEqual({ cases: 7, refused: [], wrong: [] });
  });

  it('of Packagist are equal to their normal form, and branches are no versions', () => {
    const rows = rowsOf('composer-normalize.tsv').filter(
      ({ test }) => test === 'successfulNormalizedVersions',
    );
    const found = judged(
      composer,
      rows.map((row) => [row['in']!, '=', row['out']!] as const),
    );
    expect(found.wrong).toEqual([]);
    expect(found.refused.every((version) => /dev|master/.test(version))).toBe(true);
    const relations: Readonly<Record<string, string>> = {
      'compare <': '<',
      'compare >': '>',
      'compare =': '=',
    };
    const order = rowsOf('composer-order.tsv').flatMap(({ relation, a, b, holds }): Comparison[] => {
      const sign = relations[relation!];
      return sign && holds === 'true' ? [[a!, sign, b!]] : [];
    });
    expect(judged(composer, order)).toEqual({ cases: order.length, refused: [], wrong: [] });
  });
});

describe('versions of Bitnami', () => {
  it('are ordered as its own reader does, but that revision 0 is none, and a word before the release (grype#2538)', () => {
    // Of the tests of bitnami/go-version.
    const found = judged(bitnami, [
      ...([
        ['1.2.3', '<', '1.4.5'],
        ['2.2.3', '>', '1.5.1'],
        ['2.2.3', '>', '2.2.2'],
      ] as Comparison[]),
      ...([
        ['1.0.0-1', '<', '1.0.0-2'],
        ['1.2.3-1', '=', '1.2.3-1'],
        ['1.2.3', '<', '1.2.3-1'],
      ] as Comparison[]),
      ...([
        ['1.2.3+foo', '=', '1.2.3+bar'],
        ['1.2.0', '<', '1.2.0-1+metadata'],
      ] as Comparison[]),
      ...([
        ['1.26.0-0', '=', '1.26.0'],
        ['2.6.0-rc1', '<', '2.6.0'],
        ['7.4.1-r2', '=', '7.4.1-2'],
      ] as Comparison[]),
    ]);
    expect(found).toEqual({ cases: 11, refused: [], wrong: [] });
    for (const text of ['', 'foo', '1.2.beta', '\n', '1.0-', 'nightly.2026-03-10.0'])
      expect([text, bitnami.read(text)]).toEqual([text, undefined]);
  });

  it.each([
    ['<=2.6.0', ['2.5.9-9', '2.6.0', '2.6.0-0', '2.6.0-7'], ['2.6.1-0']],
    ['>=2.6.0|<=2.6.0', ['2.6.0', '2.6.0-7'], ['2.6.0-rc1', '2.6.1-0']],
    ['>=2.6.0-rc1|<=2.6.0-rc1', ['2.6.0-rc1'], ['2.6.0-rc2', '2.6.0', '2.6.0-1']],
    ['>=2.6.0|<2.6.1', ['2.6.0-0', '2.6.0-7'], ['2.6.1', '2.6.1-0', '2.6.1-3']],
    ['<2.6.1-3', ['2.6.1', '2.6.1-2'], ['2.6.1-3', '2.6.2']],
    ['<=2.6.1-3', ['2.6.1', '2.6.1-3'], ['2.6.1-4']],
    ['2.6.0', ['2.6.0', '2.6.0-7'], ['2.5.9-1', '2.6.0-rc1', '2.6.1']],
  ])('a range %s that ends with a release includes its revisions', (text, inside, outside) => {
    const isIn = (version: string) =>
      placeIn(parseRange(text), version, bitnami.read(version)!, bitnami) !== undefined;
    expect([inside.filter(isIn), outside.filter(isIn)]).toEqual([inside, []]);
  });
});

const dated = '20260101123456789012345678901234567890';

describe.each([
  ['npm', semver, ['1.0.0-0', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0', `1.0.${dated}`]],
  [
    'Go',
    goVersions,
    ['go1.22beta1', 'go1.22rc1', 'go1.22', 'v1.22.1 (Red Hat 1.22.1-1.el9)', 'v2.0.0+incompatible'],
  ],
  ['PyPI', pep440, ['1.0.dev1', '1.0a1.dev1', '1.0a1', '1.0rc1', '1.0', '1.0+cu118', '1.0.post1', '1!0.1']],
  ['Maven', maven, ['1-alpha-1', '1-beta', '1-m2', '1-rc', '1-SNAPSHOT', '1', '1-sp', '1-xyz', '1-1', '1.1']],
  ['RubyGems', gem, ['1.0.a', '1.0.rc1', '1.0', '1.0.1.pre', '1.0.1']],
  ['NuGet', nuget, ['1.0-alpha', '1.0-BETA', '1.0', '1.0.0.1', '1.0.1']],
  ['Packagist', composer, ['1.0-dev', '1.0-alpha', '1.0-b2', '1.0RC1', '1.0', '1.0-p1', '1.0.1']],
  [
    'Bitnami',
    bitnami,
    [
      '2.6.0-alpha',
      '2.6.0-rc1',
      '2.6.0-rc10',
      'v2.6.0',
      '2.6-1',
      '2.6.0-r2',
      '2.6.0-10.el8',
      '2.6.0.1',
      `2.${dated}`,
    ],
  ],
] as [string, VersionOrder, string[]][])('the order of %s', (_, order, ascending) => {
  it('is total', () => {
    const read = ascending.map((text) => order.read(text));
    expect(read).not.toContain(undefined);
    for (const [at, one] of read.entries())
      for (const [other, version] of read.entries())
        expect(Math.sign(order.compare(one, version)), `${ascending[at]} and ${ascending[other]}`).toBe(
          Math.sign(at - other),
        );
  });

  it('reads no text without end', () => {
    for (const part of ['1', '1.', '-', 'a', '1a', '.1-', '0!', '+'])
      for (const begin of ['', '1', '1-beta', '1.0rc', '1+', '1.0.post', '1-'])
        for (const end of ['', '!']) order.read(begin + part.repeat(50_000) + end);
  });
});
