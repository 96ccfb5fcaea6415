import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { comply, openContent } from '../../../src/comply/index.ts';
import { rootWith } from '../../support/cli.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { systemOf } from '../support/roots.ts';
import { fileCheck } from '../support/small-content.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** A rule that passes or fails, one that a script checks, or one of a check of three definitions, of which one fails. */
function rule(
  name: string,
  kind: 'passes' | 'fails' | 'multi' | 'script',
  attributes = '',
  inside = '',
): string {
  const check =
    kind === 'multi'
      ? `<check system="${oval}" multi-check="true"><check-content-ref href="multi.xml"/></check>`
      : kind === 'script'
        ? '<check system="http://open-scap.org/page/SCE"><check-content-ref href="script.sh"/></check>'
        : `<check system="${oval}"><check-content-ref href="${kind}.xml" name="oval:x:def:1"/></check>`;
  return `<Rule id="xccdf_x_rule_${name}" selected="true" ${attributes}><title>${name}</title>${inside}${check}</Rule>`;
}

const group = (name: string, attributes: string, ...rules: string[]) =>
  `<Group id="xccdf_x_group_${name}" ${attributes}><title>${name}</title>${rules.join('')}</Group>`;
const profile = (inside: string, attributes = 'id="xccdf_x_profile_p"') =>
  `<Profile ${attributes}><title>p</title>${inside}</Profile>`;
const nowhere = '<platform idref="cpe:/o:none:none"/>';

interface Case {
  name: string;
  benchmark: string;
  tailoring?: string;
  profile?: string;
  ours: string[];
  oscap: string[];
}

/** Results, then scores of the models default, flat and flat-unweighted. */
const cases: Case[] = [
  {
    name: 'weights of rules and groups',
    benchmark:
      group('g', 'weight="3.0"', rule('a', 'passes', 'weight="2.0"'), rule('b', 'fails')) +
      rule('c', 'passes', 'role="unscored" weight="9.0"') +
      rule('d', 'fails'),
    ours: ['pass fail informational fail', '50', '2 of 4', '1 of 3'],
    oscap: ['pass fail informational fail', '50', '2 of 4', '1 of 3'],
  },
  {
    name: 'a rule that no platform has',
    benchmark: rule('a', 'passes', '', nowhere) + rule('b', 'fails'),
    ours: ['notapplicable fail', '0', '0 of 1', '0 of 1'],
    oscap: ['notapplicable fail', '0', '0 of 1', '0 of 1'],
  },
  {
    name: 'a check by a script, which neither runs',
    benchmark: rule('a', 'passes') + rule('s', 'script'),
    ours: ['pass notchecked', '100', '1 of 1', '1 of 1'],
    oscap: ['pass notchecked', '100', '1 of 1', '1 of 1'],
  },
  {
    name: 'a refined weight of a rule',
    benchmark:
      profile('<refine-rule idref="xccdf_x_rule_a" weight="3.0"/>') +
      rule('a', 'passes') +
      rule('b', 'fails'),
    profile: 'xccdf_x_profile_p',
    ours: ['pass fail', '75', '3 of 4', '1 of 2'],
    oscap: ['pass fail', '50', '1 of 2', '1 of 2'],
  },
  {
    name: 'a refined weight of a group',
    benchmark:
      profile('<refine-rule idref="xccdf_x_group_g" weight="3.0"/>') +
      group('g', '', rule('a', 'passes')) +
      rule('b', 'fails'),
    profile: 'xccdf_x_profile_p',
    ours: ['pass fail', '75', '1 of 2', '1 of 2'],
    oscap: ['pass fail', '50', '1 of 2', '1 of 2'],
  },
  {
    name: 'a multi-check, each result with the weight of its rule',
    benchmark: rule('m', 'multi', 'weight="2.0"') + rule('b', 'fails'),
    ours: ['fail fail pass pass', '57.143', '4 of 7', '2 of 4'],
    oscap: ['fail fail pass pass', '0', '0 of 3', '0 of 2'],
  },
  {
    name: 'platforms of a profile',
    benchmark: profile(nowhere) + rule('a', 'passes'),
    profile: 'xccdf_x_profile_p',
    ours: ['notapplicable', '0', '0 of 0', '0 of 0'],
    oscap: ['pass', '100', '1 of 1', '1 of 1'],
  },
  {
    name: 'platforms of a tailored profile',
    benchmark: profile('') + rule('a', 'passes'),
    tailoring: profile(nowhere, 'id="xccdf_x_profile_t" extends="xccdf_x_profile_p"'),
    profile: 'xccdf_x_profile_t',
    ours: ['notapplicable', '0', '0 of 0', '0 of 0'],
    oscap: ['pass', '100', '1 of 1', '1 of 1'],
  },
];

const models = ['default', 'flat', 'flat-unweighted'];

describe.skipIf(!hasOracle('oscap'))('scores and platforms beside oscap', () => {
  const root = rootWith({ 'etc/there': 'x' });

  it.each(cases)('$name', ({ benchmark, tailoring, profile: name, ours, oscap }) => {
    const folder = temporaryFolder();
    const content = join(folder, 'benchmark.xml');
    // oscap passes over an element that follows an empty one without a line feed.
    const write = (path: string, text: string) => writeFileSync(path, text.replaceAll('><', '>\n<'));
    const model = models.map((each) => `<model system="urn:xccdf:scoring:${each}"/>`).join('');
    write(
      content,
      `<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_x_benchmark_b"><title>b</title><version>1</version>${model}${benchmark}</Benchmark>`,
    );
    write(join(folder, 'passes.xml'), fileCheck('/etc/there'));
    write(join(folder, 'fails.xml'), fileCheck('/etc/gone'));
    write(join(folder, 'multi.xml'), threeChecks());
    const tailoringFile = join(folder, 'tailoring.xml');
    if (tailoring !== undefined) {
      write(
        tailoringFile,
        `<Tailoring xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_x_tailoring_t"><benchmark href="benchmark.xml"/><version time="2026-01-01T00:00:00">1</version>${tailoring}</Tailoring>`,
      );
    }
    const choice = {
      ...(name === undefined ? {} : { profile: name }),
      ...(tailoring === undefined ? {} : { tailoring: tailoringFile }),
    };

    const { result } = comply(openContent(content), systemOf(root), {
      image: { reference: 'dir:/' },
      time: '2026-01-01T00:00:00.000Z',
      now: 0,
      toolVersion: '0',
      ...choice,
    });
    const scores = new Map(result.scores.map((each) => [each.system.split(':').at(-1), each]));
    const found = result.rules.map((each) => [each.id, each.result] as const);
    const scored = models.map((each) => {
      const { score, maximum } = scores.get(each) as { score: number; maximum: number };
      return scoreText(each, score, maximum);
    });
    expect([byRule(found), ...scored]).toEqual(ours);
    expect(oscapSays(content, root, choice)).toEqual(oscap);
  });
});

/** Results in the order of the rules' names; of one rule, in the order of the words. */
function byRule(found: readonly (readonly [id: string, result: string])[]): string {
  const sorted = [...found].sort(([a, x], [b, y]) => (`${a} ${x}` < `${b} ${y}` ? -1 : 1));
  return sorted.map(([, result]) => result).join(' ');
}

function scoreText(model: string, score: number, maximum: number): string {
  const rounded = Number(score.toFixed(3));
  return model === 'default' ? String(rounded) : `${rounded} of ${maximum}`;
}

function oscapSays(
  content: string,
  root: string,
  choice: { profile?: string; tailoring?: string },
): string[] {
  const results = join(temporaryFolder(), 'results.xml');
  const options = [
    ...(choice.profile === undefined ? [] : ['--profile', choice.profile]),
    ...(choice.tailoring === undefined ? [] : ['--tailoring-file', choice.tailoring]),
  ];
  const args = ['xccdf', 'eval', '--skip-validation', ...options, '--results', results, content];
  const env = { ...process.env, OSCAP_PROBE_ROOT: root };
  const run = spawnSync('oscap', args, { encoding: 'utf8', env, timeout: 60_000 });
  if (run.status !== 0 && run.status !== 2) throw new Error(`oscap ended with ${run.status}: ${run.stderr}`);
  const text = readFileSync(results, 'utf8');
  const rules = [...text.matchAll(/<rule-result idref="([^"]+)"[\s\S]*?<result>([^<]+)</g)];
  const scores = new Map(
    [...text.matchAll(/<score ([^>]*)>([^<]+)</g)].map(([, attributes = '', score]) => [
      /system="[^"]*:([^":]+)"/.exec(attributes)?.[1],
      [Number(score), Number(/maximum="([^"]+)"/.exec(attributes)?.[1])] as const,
    ]),
  );
  return [
    byRule(rules.map(([, id = '', result = '']) => [id, result] as const)),
    ...models.map((each) => scoreText(each, ...(scores.get(each) ?? [Number.NaN, Number.NaN]))),
  ];
}

function threeChecks(): string {
  const one = fileCheck('/etc/there');
  const copies = [one, one.replaceAll(':1"', ':2"'), fileCheck('/etc/gone').replaceAll(':1"', ':3"')];
  const inside = (section: string) =>
    copies.map((copy) => new RegExp(`<${section}>(.*)</${section}>`).exec(copy)?.[1]).join('');
  return ['definitions', 'tests', 'objects'].reduce(
    (text, section) =>
      text.replace(
        new RegExp(`<${section}>.*</${section}>`),
        () => `<${section}>${inside(section)}</${section}>`,
      ),
    one,
  );
}
