import { expect, it } from 'vitest';
import { groupsOf } from '../../../../src/distros/shared/export/groups.ts';
import type { ShardClaim } from '../../../../src/model/feed/index.ts';

const row = (name: string, ...ids: string[]) => ({ name, claim: { ids, status: 'affected' } as ShardClaim });

it('vulnerabilities of the same rows are a group, and each is in one group', () => {
  const groups = groupsOf([
    row('a', 'CVE-1', 'CVE-2', 'CVE-3'),
    row('b', 'CVE-2', 'CVE-3'),
    row('c', 'CVE-3'),
  ]);

  expect(groups.map(({ of, ids }) => [ids, of.map(({ name }) => name)])).toEqual([
    [['CVE-1'], ['a']],
    [['CVE-2'], ['a', 'b']],
    [['CVE-3'], ['a', 'b', 'c']],
  ]);
});

it('vulnerabilities that one row names are one group', () => {
  expect(groupsOf([row('a', 'CVE-1', 'CVE-2')]).map(({ ids }) => ids)).toEqual([['CVE-1', 'CVE-2']]);
});
