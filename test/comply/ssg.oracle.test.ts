import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSource } from '../../src/comply/content/load.ts';
import { readContent } from '../../src/comply/content/read-content.ts';
import { compilePattern } from '../../src/comply/pcre/index.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import { evaluateYamlPath } from '../../src/comply/probes/yaml-path.ts';
import { evaluateBenchmark } from '../../src/comply/xccdf/evaluate.ts';
import { findProfile } from '../../src/comply/xccdf/find-profile.ts';
import { evaluateXPath } from '../../src/comply/xpath/index.ts';
import { hasData } from '../support/data.ts';
import { hasSecurityGuide, isRoot, securityGuide } from '../support/oracles.ts';
import { askedAsOscap } from './support/as-oscap.ts';
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
      collect: askedAsOscap(imageCollector(systemOf(conformanceRoot(rootfs)))),
      now: 0,
    });

    const found: Record<string, string[]> = {};
    for (const { rule, result } of evaluation.outcomes)
      if (result !== 'notselected') found[rule.id] = [result];
    expect(found).toEqual(rules);
  });
});

/** Texts of one entity in all OVAL of the SCAP Security Guide. */
function entityTexts(name: string): string[] {
  const files = readdirSync(securityGuide).filter((file) => file.endsWith('-oval.xml'));
  const form = new RegExp(`<[\\w-]*:?${name}(?: [^>]*)?>([^<]+)<`, 'g');
  const texts = files.flatMap((file) =>
    [...readFileSync(join(securityGuide, file), 'utf8').matchAll(form)].map(([, text = '']) => decoded(text)),
  );
  return [...new Set(texts)].sort();
}

function decoded(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text.trim().replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}

describe.skipIf(!hasSecurityGuide())('expressions of the SCAP Security Guide', () => {
  it('every XPath is one that is evaluated', () => {
    const expressions = entityTexts('xpath');
    expect(expressions.length).toBeGreaterThan(5);
    expect(expressions.filter((each) => fails(() => evaluateXPath('<x/>', 'x.xml', each)))).toEqual([]);
  });

  it('every YAML path is one that is evaluated', () => {
    const paths = entityTexts('yamlpath');
    expect(paths.length).toBeGreaterThan(50);
    expect(paths.filter((each) => fails(() => evaluateYamlPath('x: 1', each)))).toEqual([]);
  });

  it('every pattern is one that is translated', () => {
    const form = /<[^>]*operation="pattern match"[^>]*>([^<]+)</g;
    const file = join(securityGuide, 'ssg-rhel9-oval.xml');
    const patterns = new Set(
      [...readFileSync(file, 'utf8').matchAll(form)].map(([, text = '']) => decoded(text)),
    );
    expect(patterns.size).toBeGreaterThan(300);
    expect([...patterns].filter((each) => fails(() => compilePattern(each)))).toEqual([]);
  });
});

function fails(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}
