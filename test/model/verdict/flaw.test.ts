import { expect, it } from 'vitest';
import { countedFlaws, flawBase, isFixable, type ViewedVerdict } from '../../../src/model/verdict/index.ts';

const verdict = (source: string, rest: Partial<ViewedVerdict> = {}) =>
  ({
    ...{ vulnerability: 'CVE-2024-1', status: 'affected', severity: 'high', fixState: 'none_yet' },
    package: { type: 'deb', source: { name: source } },
    ...rest,
  }) as ViewedVerdict;

it('a vulnerability counts once in a source, with a fix if any of its binaries has one', () => {
  const flaws = countedFlaws([
    verdict('glibc'),
    verdict('glibc', { fixState: 'available' }),
    verdict('zlib'),
  ]);

  expect(flaws.map(({ verdict: { fixState }, verdicts }) => [fixState, verdicts.length])).toEqual([
    ['available', 2],
    ['none_yet', 1],
  ]);
  expect(flaws.map(isFixable)).toEqual([true, false]);
});

it('the worst verdict of a flaw is affected, whatever others are rated', () => {
  const [flaw] = countedFlaws([
    verdict('glibc', { status: 'fixed', severity: 'critical' }),
    verdict('glibc', { severity: 'low' }),
    verdict('glibc', { severity: 'medium' }),
  ]);

  expect(flaw!.verdict).toMatchObject({ status: 'affected', severity: 'medium' });
});

it('what an exception puts aside is apart from what it leaves', () => {
  expect(countedFlaws([verdict('glibc'), verdict('glibc', { ignored: {} as never })])).toHaveLength(2);
});

it.each([
  [['base'], 'base'],
  [['own'], 'own'],
  [['base', 'own'], 'both'],
  [['unknown', 'own'], 'unknown'],
  [['base', 'own', 'unknown'], 'both'],
] as const)('packages %j make a flaw of %s', (origins, origin) => {
  expect(flawBase(origins.map((each) => ({ origin: each })))?.origin).toBe(origin);
});

it('a rebuild fixes a flaw if it fixes each package that has it', () => {
  const effect = (...rebuilds: ('fixes' | 'keeps' | 'unknown')[]) =>
    flawBase(rebuilds.map((rebuild) => ({ origin: 'base', rebuild })))?.rebuild;

  expect([effect('fixes', 'fixes'), effect('fixes', 'unknown'), effect('unknown', 'keeps')]).toEqual([
    ...['fixes', 'unknown', 'keeps'],
  ]);
});
