import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTailoring } from '../../src/comply/xccdf/read-profiles.ts';
import { validateFile } from '../../src/validate/index.ts';
import { temporaryFolder } from '../support/temporary.ts';

const tailoring = `<?xml version="1.0"?>
<Tailoring xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_org.example_tailoring_default">
  <benchmark href="debian-12.ds.xml"/>
  <version time="2026-11-20T06:00:00">1</version>
  <Profile id="xccdf_org.example_profile_ours" extends="xccdf_org.scapfeed_profile_fixable-only">
    <title override="true">Ours</title>
    <select idref="xccdf_org.scapfeed_rule_DSA-5343-1" selected="false"/>
    <set-value idref="xccdf_org.example_value_x">1</set-value>
    <refine-rule idref="xccdf_org.scapfeed_rule_DSA-5523-1" severity="high"/>
  </Profile>
</Tailoring>
`;

async function judge(text: string) {
  const path = join(temporaryFolder(), 'tailoring.xml');
  writeFileSync(path, text);
  return validateFile(path, { profile: 'always' });
}

describe('a tailoring', () => {
  test('may refer to what stands in its benchmark alone', async () => {
    expect(await judge(tailoring)).toMatchObject({
      kind: 'tailoring',
      valid: true,
      problems: [],
      schemas: ['profile'],
    });
  });

  test('is in a namespace of tailorings, for comply too', async () => {
    const bare = tailoring.replace(' xmlns="http://checklists.nist.gov/xccdf/1.2"', '');
    const { problems } = await judge(bare);

    expect(problems.map(({ rule }) => rule)).toContain('namespace');
    expect(() => readTailoring(bare, 't.xml')).toThrow('found <Tailoring> of no namespace');
    const older = bare.replace(
      '<Tailoring',
      '<Tailoring xmlns="http://open-scap.org/page/Xccdf-1.1-tailoring"',
    );
    expect(readTailoring(older, 't.xml').profiles).toHaveLength(1);
  });

  test.each([
    ['an id of another form', 'xccdf_org.example_profile_ours', 'ours', 'id-syntax'],
    [
      'two profiles of one id',
      '</Profile>',
      '</Profile><Profile id="xccdf_org.example_profile_ours"><title>x</title></Profile>',
      'id-duplicate',
    ],
    ['no version', '<version time="2026-11-20T06:00:00">1</version>', '', 'schema'],
    ['a selection that says nothing', ' selected="false"', '', 'schema'],
  ])('%s', async (_, find, replacement, rule) => {
    const report = await judge(tailoring.replace(find, replacement));

    expect(report.problems.map((problem) => problem.rule)).toContain(rule);
    expect(report.valid).toBe(false);
  });
});
