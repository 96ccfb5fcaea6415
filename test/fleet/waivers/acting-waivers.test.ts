import { expect, it } from 'vitest';
import { isRule, Waivers } from '../../../src/fleet/waivers/acting-waivers.ts';
import type { Waiver } from '../../../src/model/fleet/index.ts';

const waiver = (about: Partial<Waiver>) =>
  ({ vulnerability: 'CVE-2024-1', rule: null, package: null, image: null, owner: null, ...about }) as Waiver;
const flaw = { vulnerability: 'CVE-2024-1', name: 'libssl3', source: 'openssl' };
const images = new Map([
  [1, { digest: 'sha256:1', references: ['shop/web:1', 'shop/web:test'], owners: ['shop'] }],
  [2, { digest: 'sha256:2', references: ['shop/web:2', 'bank/web:2'], owners: ['shop', 'bank'] }],
  [3, { digest: 'sha256:3', references: [], owners: [] }],
]);
const waived = (about: Partial<Waiver>) => {
  const waivers = new Waivers([waiver(about)], images);
  return [...images.keys()].filter((image) => waivers.ofFlaw(flaw, image).length > 0);
};

it('a waiver is about each image unless it names one', () => {
  expect(waived({})).toEqual([1, 2, 3]);
  expect(waived({ vulnerability: 'CVE-2024-2' })).toEqual([]);
});

it('a package is meant by its own name and that of its source', () => {
  expect(waived({ package: 'libssl3' })).toEqual([1, 2, 3]);
  expect(waived({ package: 'openssl' })).toEqual([1, 2, 3]);
  expect(waived({ package: 'libcrypto3' })).toEqual([]);
});

it('an image of several names is meant only if each is: one that is waived may run elsewhere', () => {
  expect(waived({ image: 'shop/**' })).toEqual([1]);
  expect(waived({ image: 'sha256:3' })).toEqual([3]);
});

it('an owner waives its own images, also those that it shares', () => {
  expect(waived({ owner: 'shop' })).toEqual([1, 2]);
  expect(waived({ owner: 'bank', image: 'shop/**' })).toEqual([]);
});

it('a rule is meant by its whole id, or by what follows _rule_', () => {
  const id = 'xccdf_org.ssgproject.content_rule_no_root';
  expect([id, 'no_root', 'root'].map((rule) => isRule({ rule }, id))).toEqual([true, true, false]);
});
