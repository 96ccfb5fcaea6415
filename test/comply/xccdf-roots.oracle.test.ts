import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Evaluation, evaluateBenchmark } from '../../src/comply/evaluate.ts';
import { findProfile, profilesOf } from '../../src/comply/policy.ts';
import { imageCollector } from '../../src/comply/probes/index.ts';
import { readContent } from '../../src/scap/content.ts';
import { readTailoring } from '../../src/scap/xccdf-profiles.ts';
import { hasData } from '../support/data.ts';
import { isRoot } from '../support/oracles.ts';
import { conformanceCases, conformancePath } from './support/manifest.ts';
import { conformanceRoot, systemOf } from './support/roots.ts';

const here = hasData('openscap-tests') && isRoot();

describe.skipIf(!here)('XCCDF benchmarks on root file systems', () => {
  const cases = here ? conformanceCases('xccdf-rootfs') : [];

  it.each(cases)('$id', ({ file, rootfs = '', args = [], rules = {}, scores = {}, score_max = {} }) => {
    const evaluation = evaluateFile(conformancePath(file), rootfs, args);

    expect({ rules: rulesOf(evaluation), scores: scoresOf(evaluation) }).toEqual({
      rules,
      scores: Object.fromEntries(
        Object.entries(scores).map(([system, score]) => [system, `${score} of ${score_max[system]}`]),
      ),
    });
  });
});

function evaluateFile(path: string, rootfs: string, args: readonly string[]): Evaluation {
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at === -1 ? undefined : args[at + 1];
  };
  const folder = dirname(path);
  const beside = (name: string) => join(folder, basename(name));
  const local = (name: string) => {
    const found = resolve(folder, name);
    return existsSync(found) ? readFileSync(found) : undefined;
  };
  const cpe = option('--cpe');
  const dictionaries = cpe ? [{ source: readFileSync(beside(cpe)), where: cpe }] : [];
  const content = readContent(readFileSync(path), path, { local, dictionaries });
  const tailoring = option('--tailoring-file');
  const tailorings = tailoring ? [readTailoring(readFileSync(beside(tailoring)), tailoring)] : [];
  const profiles = profilesOf(content.benchmark, tailorings);
  const name = option('--profile');
  return evaluateBenchmark(content, {
    ...(name ? { profile: findProfile(name, profiles) } : {}),
    profiles,
    collect: imageCollector(systemOf(conformanceRoot(rootfs))),
    now: 0,
  });
}

function rulesOf({ outcomes }: Evaluation): Record<string, string[]> {
  const rules: Record<string, string[]> = {};
  for (const { rule, result } of outcomes) rules[rule.id] = [...(rules[rule.id] ?? []), result];
  return rules;
}

function scoresOf({ scores }: Evaluation): Record<string, string> {
  return Object.fromEntries(
    scores.map(({ system, score, maximum }) => [system, `${score.toFixed(6)} of ${maximum.toFixed(6)}`]),
  );
}
