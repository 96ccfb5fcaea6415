import { describe, expect, it } from 'vitest';
import { byArchitecture, isOfOthers, rowsFor } from '../../../../src/distros/shared/rule/architectures.ts';
import type { Status } from '../../../../src/model/feed/index.ts';

const row = (name: string, arch?: readonly string[], status: Status = 'fixed') => ({
  name,
  kind: { status, ...(arch === undefined ? {} : { arch }) },
});
type Row = ReturnType<typeof row>;
const names = (rows: readonly Row[]) => rows.map(({ name }) => name).join(' ');

const any = row('any');
const intel = row('intel', ['x86_64']);
const arm = row('arm', ['aarch64']);
const data = row('data', ['noarch']);
const spared = row('spared', ['s390x'], 'not_affected');

describe('rows for an architecture', () => {
  it.each<[string, Row[], string, string]>([
    ['its own before those of others', [intel, arm], 'x86_64', 'intel'],
    ['those of others where none is its own', [intel, arm], 's390x', 'intel arm'],
    ['those of none are of any', [data, arm], 'x86_64', 'data'],
    ['a noarch build has all', [any, intel, arm], 'noarch', 'any intel arm'],
    ['a row without architectures is enough', [any, arm], 'x86_64', 'any'],
    ['what clears another architecture does not clear it', [spared], 'x86_64', ''],
    ['nor a noarch build', [spared, arm], 'noarch', 'arm'],
    ['but its own', [spared, arm], 's390x', 'spared'],
  ])('%s', (_, rows, build, expected) => {
    expect(names(rowsFor(rows, build))).toBe(expected);
  });

  it.each<[readonly string[] | undefined, string, boolean]>([
    [undefined, 'x86_64', false],
    [['x86_64'], 'x86_64', false],
    [['aarch64'], 'x86_64', true],
    [['aarch64'], 'noarch', false],
    [['aarch64', 'noarch'], 'x86_64', false],
  ])('%s decides about a build for %s as one of others: %s', (arch, build, expected) => {
    expect(isOfOthers({ ...(arch === undefined ? {} : { arch }) }, build)).toBe(expected);
  });

  it('the groups of a whole table hold what each architecture has for itself', () => {
    const choices = [any, intel, arm, data, spared, row('both', ['aarch64', 'x86_64'])];
    for (let mask = 1; mask < 2 ** choices.length; mask++) {
      const rows = choices.filter((_, at) => mask & (1 << at));
      const groups = byArchitecture(rows);
      for (const build of ['x86_64', 'aarch64', 's390x', 'noarch', 'riscv64']) {
        const own = groups.filter(({ arch }) => {
          if (arch === undefined) return true;
          return 'of' in arch ? arch.of.includes(build) : !arch.otherThan.includes(build);
        });
        expect(own.length, `${names(rows)} ${build}`).toBeLessThanOrEqual(1);
        expect(names(own[0]?.rows ?? []), `${names(rows)} ${build}`).toBe(names(rowsFor(rows, build)));
      }
    }
  });
});
