import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluateBenchmark } from '../../src/comply/evaluate.ts';
import { loadSource } from '../../src/comply/load.ts';
import { findProfile } from '../../src/comply/policy.ts';
import { imageCollector } from '../../src/comply/probes/index.ts';
import { readContent } from '../../src/scap/content.ts';
import { hasData } from '../support/data.ts';
import { hasSecurityGuide, isRoot, securityGuide } from '../support/oracles.ts';
import { conformanceCases } from './support/manifest.ts';
import { conformanceRoot, systemOf } from './support/roots.ts';

const here = hasData('openscap-tests') && isRoot() && hasSecurityGuide();

describe.skipIf(!here)('SCAP Security Guide on root file systems', () => {
  const cases = here ? conformanceCases('ssg') : [];

  it.each(cases)('$id', ({ file, rootfs = '', args = [], rules = {} }) => {
    const path = join(securityGuide, basename(file.split(' ').at(-1) ?? ''));
    const content = loadSource(readContent(readFileSync(path), path), { name: path, sha256: '' });
    const evaluation = evaluateBenchmark(content, {
      profile: findProfile(args[1] ?? '', content.benchmark.profiles),
      collect: imageCollector(systemOf(conformanceRoot(rootfs))),
      now: 0,
    });

    const found: Record<string, string[]> = {};
    for (const { rule, result } of evaluation.outcomes)
      if (result !== 'notselected') found[rule.id] = [result];
    expect(found).toEqual(rules);
  });
});
