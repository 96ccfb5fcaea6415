import { expect, it } from 'vitest';
import { Ledger } from '../../../src/model/feed/index.ts';
import type { Erratum, ErratumPackage } from '../../../src/sources/errata/erratum.ts';
import { fixesOf } from '../../../src/sources/errata/fixes.ts';

const count = 400_000;

function erratum(packages: ErratumPackage[], more: Partial<Erratum> = {}): Erratum {
  const texts = { type: '', severity: '', title: '', description: '', page: undefined };
  return {
    id: 'X',
    security: true,
    ...texts,
    issued: 0,
    cves: [],
    modules: [],
    packages,
    faults: [],
    ...more,
  };
}

const row = (at: number, more: Partial<ErratumPackage> = {}): ErratumPackage => ({
  name: 'a',
  evr: `0:${at + 1}-1.el9`,
  arch: 'x86_64',
  module: undefined,
  pointer: `/${at}`,
  ...more,
});

const fixes = (told: Erratum) => fixesOf(told, { input: 'x', place: 'x#', platform: 'x-1' }, new Ledger('x'));

it('rows of one package for one architecture: the time grows with their number, not with its square', () => {
  const rows = Array.from({ length: count }, (_, at) => row(at));
  expect(fixes(erratum(rows))).toEqual({
    fixes: [{ package: 'a', fixed: '0:1-1.el9', arch: ['x86_64'] }],
    used: count,
  });
});

it('so do rows of one build for many architectures', () => {
  const rows = Array.from({ length: count }, (_, at) => row(0, { arch: `x${at}` }));
  expect(fixes(erratum(rows)).used).toBe(count);
});

it('and modular rows without a module beside a long title and many modules', () => {
  const build = { evr: '0:1-1.module+el8+1' };
  const rows = Array.from({ length: count }, (_, at) => row(0, { ...build, pointer: `/${at}` }));
  const modules = Array.from({ length: 40_000 }, (_, at) => ({ module: `m:${at}`, arch: `a${at}` }));
  const told = erratum(rows, {
    modules: [...modules, { module: 'm:1', arch: 'x86_64' }],
    title: 'x'.repeat(1_000_000),
  });
  expect(fixes(told)).toEqual({
    fixes: [{ package: 'a', fixed: '0:1-1.module+el8+1', module: 'm:1', arch: ['x86_64'] }],
    used: count,
  });
});
