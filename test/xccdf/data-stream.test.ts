import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ovalContent } from '../../src/feed/oval/index.ts';
import { validateFile } from '../../src/validate/index.ts';
import { type DataStreamReport, writeDataStream } from '../../src/xccdf/index.ts';
import { affected, fixed, forky, indexOf } from '../oval/support/indexes.ts';
import { temporaryFolder } from '../support/temporary.ts';

const index = indexOf({
  packages: {
    'libstdc++': [fixed('12.2.0-14+deb12u1', ['CVE-2023-4039'], { severity: 'critical' })],
    openssl: [
      fixed('3.0.8-1~deb12u1', ['CVE-2023-0215', 'CVE-2023-0286'], {
        severity: 'high',
        advisories: ['DSA-5343-1'],
      }),
      affected('will_not_fix', ['CVE-2024-5535'], { severity: 'low' }),
      affected('none_yet', ['CVE-2007-6755'], { suppressed: 'unimportant' }),
    ],
  },
});

describe('a data stream', () => {
  let directory: string;
  let report: DataStreamReport;
  let text: string;
  beforeAll(async () => {
    directory = temporaryFolder();
    report = await writeDataStream(index, directory, { toolVersion: '0.1.0', oval: ovalContent(index) });
    text = readFileSync(join(directory, report.name), 'utf8');
  });

  test('has a rule for each update and each flaw without one', () => {
    const rules = [...text.matchAll(/<Rule id="xccdf_org\.scapfeed_rule_([^"]+)"/g)].map((match) => match[1]);

    expect(rules.sort()).toEqual([
      'CVE-2007-6755_openssl',
      'CVE-2024-5535_openssl',
      'DSA-5343-1',
      'coverage',
      'update_libstdc.x2b..x2b.',
    ]);
    expect(report).toMatchObject({ rules: 5, fixable: 2, unfixed: 2 });
  });

  test('selects groups, and the coverage rule in every profile', () => {
    const profiles = [...text.matchAll(/<Profile id="[^"]+_profile_([^"]+)">(.*?)<\/Profile>/g)];

    expect(profiles.map((match) => match[1])).toEqual([
      'fixable-only',
      'critical',
      'important-and-up',
      'all',
    ]);
    for (const [, , content] of profiles)
      expect(content).toContain('idref="xccdf_org.scapfeed_rule_coverage" selected="true"');
    expect(profiles[1]![2]).toContain('fixable-high" selected="false"');
    expect(profiles[2]![2]).toContain('fixable-high');
    expect(profiles[3]![2]).toContain('unfixed-suppressed');
  });

  test('selects the updates without a profile: a flawed system has no full mark', () => {
    const groups = [...text.matchAll(/<Group id="[^"]+_group_((?:un)?fix[^"]+-[^"]+)" selected="(\w+)"/g)];
    expect(groups.length).toBeGreaterThan(2);
    for (const [, name, selected] of groups)
      expect([name, selected]).toEqual([name, String(name!.startsWith('fixable'))]);
  });

  test('holds no definition that no rule needs', () => {
    expect(text).not.toContain('CVE-2023-0286 openssl');
    expect(text).toContain('ref_id="CVE-2023-0286"');
  });

  test('passes our own schema and checks', async () => {
    expect(await validateFile(join(directory, report.name))).toMatchObject({
      valid: true,
      problems: [],
      schemas: ['profile'],
    });
  });

  test('and the benchmark by itself are the only files left', () => {
    expect(readdirSync(directory)).toEqual(['debian-12.ds.xml', 'debian-12.xccdf.xml']);
  });

  test('is the same whenever it is written', async () => {
    const again = temporaryFolder();
    await writeDataStream(index, again, { toolVersion: '0.1.0', oval: ovalContent(index) });

    expect(readFileSync(join(again, report.name), 'utf8')).toBe(text);
  });

  test('of an empty platform has the coverage rule alone', async () => {
    const none = indexOf({ platform: forky, packages: {} });
    const empty = await writeDataStream(none, directory, { toolVersion: '0.1.0', oval: ovalContent(none) });

    expect(empty).toMatchObject({ rules: 1, profiles: [] });
  });

  test('that cannot be written leaves nothing', async () => {
    await expect(
      writeDataStream(index, join(directory, 'absent'), { toolVersion: '0', oval: ovalContent(index) }),
    ).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
  });
});

describe('validation of benchmarks', () => {
  const faults: [string, string, string, string][] = [
    [
      'a profile without the coverage rule',
      '<select idref="xccdf_org.scapfeed_rule_coverage" selected="true"/>',
      '<select idref="xccdf_org.scapfeed_rule_coverage" selected="false"/>',
      'coverage',
    ],
    [
      'a selection of nothing',
      'idref="xccdf_org.scapfeed_group_fixable-critical"',
      'idref="xccdf_org.scapfeed_group_x"',
      'reference-unresolved',
    ],
    ['a check that is not there', 'def:', 'def:9', 'reference-unresolved'],
    ['two rules of one id', 'rule_DSA-5343-1"', 'rule_coverage"', 'id-duplicate'],
    [
      'a catalog that leads nowhere',
      'uri="#scap_org.scapfeed_cref_oval.xml"',
      'uri="#scap_org.scapfeed_cref_x.xml"',
      'reference-unresolved',
    ],
    [
      'a component that is not there',
      'xlink:href="#scap_org.scapfeed_comp_cpe',
      'xlink:href="#scap_org.scapfeed_comp_x',
      'reference-unresolved',
    ],
    ['an id of another form', 'id="scap_org.scapfeed_collection', 'id="collection', 'id-syntax'],
  ];
  test.each(faults)('%s', async (_, find, replacement, rule) => {
    const directory = temporaryFolder();
    const { name } = await writeDataStream(index, directory, {
      toolVersion: '0.1.0',
      oval: ovalContent(index),
    });
    const path = join(directory, name);
    const text = readFileSync(path, 'utf8');
    const bad =
      rule === 'reference-unresolved' && find === 'def:'
        ? text.replace(/name="(oval:[^"]+):def:/, 'name="$1:def:9')
        : text.replace(find, replacement);
    expect(bad).not.toBe(text);
    writeFileSync(path, bad);

    const report = await validateFile(path, { profile: 'never' });

    expect(report.problems.map((problem) => problem.rule)).toContain(rule);
    expect(report.valid).toBe(false);
  });
});
