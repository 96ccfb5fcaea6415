import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasData } from '../../support/data.ts';
import { hasLibpcre2, hasSecurityGuide } from '../../support/oracles.ts';
import { share } from '../../support/trials.ts';
import { guidePatterns, textsOf } from './support/guide-patterns.ts';
import { compareWithLibpcre2 } from './support/libpcre2.ts';
import { pcre2Tests } from './support/pcre2-tests.ts';
import { flags, pattern, spacedSubject, subject, typePattern } from './support/random-pattern.ts';

/** An answer is libpcre2's, with the whole match and every group, or it is an error: never another. */
describe.skipIf(!hasLibpcre2())('beside libpcre2', () => {
  it('random patterns match the same, or are refused', () => {
    const question = fc.record({
      pattern,
      flags,
      subjects: fc.array(subject, { minLength: 4, maxLength: 4 }),
    });
    const all = [1, 2].flatMap((seed) => fc.sample(question, { seed, numRuns: 2_000 }));
    const questions = share(all, 800);
    const { wrong, answers, matches, groups, refused, limits } = compareWithLibpcre2(questions);
    expect(wrong).toEqual([]);
    expect(matches / answers).toBeGreaterThan(0.3);
    expect(groups / answers).toBeGreaterThan(0.02);
    expect((refused.length * 4 + limits) / answers).toBeLessThan(0.05);
  });

  it('patterns of types in a row match the same, or are refused', () => {
    const subjects = fc.array(spacedSubject, { minLength: 6, maxLength: 6 });
    const question = fc.record({ pattern: typePattern, flags, subjects });
    const questions = share(fc.sample(question, { seed: 5, numRuns: 5_000 }), 1_000);
    const { wrong, answers, matches, refused, limits } = compareWithLibpcre2(questions);
    expect(wrong).toEqual([]);
    expect(matches / answers).toBeGreaterThan(0.25);
    expect((refused.length * 6 + limits) / answers).toBeLessThan(0.1);
  });

  it.skipIf(!hasData('interchange2', 'pcre2'))('the patterns of its own tests do', () => {
    const { wrong, answers, refused } = compareWithLibpcre2(pcre2Tests());
    expect(wrong).toEqual([]);
    expect(answers).toBeGreaterThan(2_000);
    // Verbs, extended classes, and what depends on the version.
    const others = refused.filter(({ pattern }) => !/\(\*|\(\?\[|\{ ?,| [\d,]+ ?\}/.test(pattern));
    expect(others.length).toBeLessThan(50);
  });

  it.skipIf(!hasSecurityGuide())('the patterns of the SCAP Security Guide do, and none is refused', () => {
    const all = guidePatterns();
    expect(all.length).toBeGreaterThan(1_500);
    const questions = share(all, Math.ceil(all.length / 5)).flatMap((pattern) => {
      const subjects = textsOf(pattern);
      return ['', 'm'].map((flags) => ({ pattern, flags, subjects }));
    });
    const { wrong, answers, matches, groups, refused, limits } = compareWithLibpcre2(questions);
    expect({ wrong, refused, limits }).toEqual({ wrong: [], refused: [], limits: 0 });
    expect(answers).toBeGreaterThan(19 * questions.length);
    expect(matches / answers).toBeGreaterThan(0.3);
    expect(groups / answers).toBeGreaterThan(0.15);
  });
});
