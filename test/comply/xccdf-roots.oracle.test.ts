import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSource } from '../../src/comply/content/load.ts';
import { readContent } from '../../src/comply/content/read-content.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import { type Evaluation, evaluateBenchmark } from '../../src/comply/xccdf/evaluate.ts';
import { findProfile, profilesOf } from '../../src/comply/xccdf/find-profile.ts';
import { readTailoring } from '../../src/comply/xccdf/read-profiles.ts';
import { hasData } from '../support/data.ts';
import { isRoot } from '../support/oracles.ts';
import { conformanceCases, conformancePath } from './support/manifest.ts';
import { conformanceRoot, systemOf } from './support/roots.ts';

/** Files that the data keeps under another name than the documents use. */
const renamed: Record<string, string> = {
  'oval/pass/oval.xml': 'test_deriving_xccdf_result_from_oval_pass.oval.xml',
  'oval/fail/oval.xml': 'test_deriving_xccdf_result_from_oval_fail.oval.xml',
};

/** Where oscap departs from the specification, and what we answer instead. */
const deviations: Record<string, Record<string, string[]>> = {
  // A refine-rule without a role leaves the rule's own; oscap takes it for `full`.
  'xccdf-unit/test_xccdf_refine_rule_refine.xccdf.xml --profile parent': {
    'rule-id-selected-and-role': ['notchecked'],
  },
};

const here = hasData('openscap-tests') && isRoot();

describe.skipIf(!here)('XCCDF benchmarks on root file systems', () => {
  const cases = here ? conformanceCases('xccdf-rootfs') : [];

  it.each(cases)('$id', ({ id, file, rootfs = '', args = [], rules = {}, scores = {}, score_max = {} }) => {
    const evaluation = evaluateFile(conformancePath(file), rootfs, args);

    expect({ rules: rulesOf(evaluation), scores: scoresOf(evaluation) }).toEqual({
      rules: { ...rules, ...deviations[id] },
      scores: Object.fromEntries(
        Object.entries(scores).map(([system, score]) => [
          system,
          `${score} of ${maximumOf(system, score_max)}`,
        ]),
      ),
    });
  });
});

/** The absolute model has 1 or 0 of 1 (XCCDF 1.2, 7.3.2.4); oscap writes the maximum of the flat model. */
function maximumOf(system: string, maxima: Record<string, string>): string | undefined {
  return system === 'urn:xccdf:scoring:absolute' ? '1.000000' : maxima[system];
}

function evaluateFile(path: string, rootfs: string, args: readonly string[]): Evaluation {
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at === -1 ? undefined : args[at + 1];
  };
  const folder = dirname(path);
  const beside = (name: string) => join(folder, basename(name));
  const local = (name: string) => {
    const found = resolve(folder, renamed[name] ?? name.replace('../unittests/', '../xccdf-unit/'));
    return existsSync(found) ? readFileSync(found) : undefined;
  };
  const cpe = option('--cpe');
  const dictionaries = cpe ? [{ source: readFileSync(beside(cpe)), where: cpe }] : [];
  const source = readFileSync(path);
  const content = loadSource(readContent(source, path, { local, dictionaries }), { name: path, sha256: '' });
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
