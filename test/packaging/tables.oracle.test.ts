import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/model/order.ts';
import { compareApk, parseApkVersion } from '../../src/packaging/apk/version.ts';
import { compareDpkg, parseDpkgVersion } from '../../src/packaging/deb/version.ts';
import { compareRpmEvr, parseRpmEvr, rpmvercmp } from '../../src/packaging/rpm/version.ts';
import { dataPath, hasData } from '../support/data.ts';

type Row = [a: string, b: string, expected: -1 | 0 | 1];

interface Constraint {
  version: string;
  constraint: string;
  satisfied: boolean;
}

/** The tables by which other projects test their version order. */
describe.skipIf(!hasData('vercmp'))('conformance tables', () => {
  test.each(['osv-scalibr-debian-versions', 'dpkg-Dpkg_Version.t'])('dpkg: every row of %s', (name) => {
    const rows = table<Row>(name);

    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(([a, b, expected]) => compareDpkg(a, b) !== expected)).toEqual([]);
  });

  test('dpkg: the rows of t-version.c whose operands are versions', () => {
    // The source sets struct fields one by one in between, which the table's `2-1` rows have lost.
    const rows = table<Row>('dpkg-t-version.c').filter(([a]) => a !== '2-1');
    const versions = rows.filter(([a, b]) => parseDpkgVersion(a) && parseDpkgVersion(b));

    expect(versions.length).toBe(7);
    expect(versions.filter(([a, b, expected]) => compareDpkg(a, b) !== expected)).toEqual([]);
  });

  test('dpkg: what parseversion() takes and refuses', () => {
    const { valid, rejected } = JSON.parse(readFileSync(dataPath('vercmp', 'dpkg-parse.json'), 'utf8'));

    expect(valid.filter((text: string) => !parseDpkgVersion(text))).toEqual([]);
    expect(rejected.filter((text: string) => parseDpkgVersion(text))).toEqual([]);
  });

  test('dpkg: constraints', () => {
    const wrong = table<Constraint>('grype-deb-constraints').filter(
      (row) => satisfies(row, compareDpkg) !== row.satisfied,
    );

    expect(wrong).toEqual([]);
  });

  test('rpm: every row of rpmvercmp.at', () => {
    const rows = table<Row>('rpmvercmp-upstream');

    expect(rows.length).toBe(91);
    expect(rows.filter(([a, b, expected]) => rpmvercmp(a, b) !== expected)).toEqual([]);
  });

  test('rpm: the rows of redhat-versions.txt that hold EVRs; the others have no order', () => {
    const rows = table<Row>('osv-scalibr-redhat-versions');
    const evrs = rows.filter(([a, b]) => parseRpmEvr(a) && parseRpmEvr(b));

    expect(evrs.length).toBe(123);
    expect(evrs.filter(([a, b, expected]) => compareRpmEvr(a, b) !== expected)).toEqual([]);
    const others = rows.filter((row) => !evrs.includes(row));
    expect(others.filter(([a, b]) => compareRpmEvr(a, b) !== undefined)).toEqual([]);
  });

  test('rpm: EVR comparisons, save those in which an epoch on one side only is ignored', () => {
    const rows = table<Row>('grype-rpm-compare').filter(([a, b]) => a.includes(':') === b.includes(':'));

    expect(rows.length).toBe(12);
    expect(rows.filter(([a, b, expected]) => compareRpmEvr(a, b) !== expected)).toEqual([]);
  });

  test('rpm: constraints without an epoch', () => {
    const rows = table<Constraint>('grype-rpm-constraints').filter(
      (row) => !row.version.includes(':') && !row.constraint.includes(':'),
    );

    expect(rows.length).toBe(23);
    expect(rows.filter((row) => satisfies(row, compareRpmEvr) !== row.satisfied)).toEqual([]);
  });

  test('rpm: EVRs of one package', () => {
    // `name-[epoch:]version-release.arch`
    const parts = (text: string) => /^(.+)-([^-]+-[^-]+)\.([^.]+)$/.exec(text) ?? [];
    const pairs = table<Row>('claircore-nevra-compare').filter(
      ([a, b]) => parts(a)[1] && parts(a)[1] === parts(b)[1] && parts(a)[3] === parts(b)[3],
    );

    expect(pairs.length).toBeGreaterThan(0);
    for (const [a, b, expected] of pairs) {
      expect(compareRpmEvr(parts(a)[2]!, parts(b)[2]!), `${a} ${b}`).toBe(expected);
    }
  });
});

const apkTable = ['vendors', 'alpine', 'version', 'alpinelinux+apk-tools', 'test', 'unit', 'version.data'];

/** `A < B`, a version, `!no version`; those with `~` are of constraints, which databases do not have. */
describe.skipIf(!hasData(...apkTable))("apk-tools' own table", () => {
  const rows = readFileSync(dataPath(...apkTable), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/) as [string, string?, string?])
    .filter(([first, sign]) => first !== '' && (sign === undefined || '<>='.includes(sign)));

  test('every version is one, and nothing else but what apk 2 takes as well', () => {
    const wrong = rows.filter(([first, sign]) => {
      if (sign !== undefined) return false;
      const refused = first.startsWith('!');
      return (parseApkVersion(refused ? first.slice(1) : first) === undefined) !== refused;
    });
    // A number after a letter: apk 2 takes it, and Alpine's security database has such versions.
    expect(wrong.map(([first]) => first)).toEqual(['!0.1a1']);
  });

  test('every order; two rows compare texts that are no versions, for which we have none', () => {
    const wrong = rows.filter(([a, sign, b]) => {
      if (sign === undefined) return false;
      return compareApk(a, b!) !== { '<': -1, '=': 0, '>': 1 }[sign];
    });
    expect(rows.length).toBeGreaterThan(700);
    expect(wrong.map(([a, , b]) => compareApk(a, b!))).toEqual([undefined, undefined]);
  });
});

function table<T>(name: string): T[] {
  return JSON.parse(readFileSync(dataPath('vercmp', `${name}.json`), 'utf8')).cases;
}

/** `> 1.0, < 2.0 || = 3.0`: alternatives of conditions that must all hold. An empty constraint holds. */
function satisfies(
  { version, constraint }: Constraint,
  compare: (a: string, b: string) => Comparison,
): boolean {
  if (constraint.trim() === '') return true;
  return constraint.split('||').some((all) =>
    all.split(',').every((condition) => {
      const [, operator, operand] = condition.trim().match(/^(<=|>=|<|>|!=|=)?\s*(.*)$/) as RegExpMatchArray;
      const order = compare(version, operand!);
      if (order === undefined) throw new Error(`no order: ${version} ${operand}`);
      if (operator === '<') return order < 0;
      if (operator === '<=') return order <= 0;
      if (operator === '>') return order > 0;
      if (operator === '>=') return order >= 0;
      if (operator === '!=') return order !== 0;
      return order === 0;
    }),
  );
}
