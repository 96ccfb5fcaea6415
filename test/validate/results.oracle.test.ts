import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeOval } from '../../src/feed/oval/index.ts';
import { validateFile } from '../../src/validate/index.ts';
import { fixed, indexOf } from '../oval/support/indexes.ts';
import { bookwormRelease, rootOf } from '../oval/support/roots.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { hasOfficialSchemas, hasOracle, officialSchemas } from '../support/oracles.ts';
import { smallStream } from '../support/small-stream.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe.skipIf(!hasOracle('oscap') || !hasOfficialSchemas())('OVAL results of oscap', () => {
  let path: string;
  beforeAll(async () => {
    const directory = temporaryFolder();
    await writeOval(
      indexOf({ packages: { openssl: [fixed('3.0.8-1~deb12u1', ['CVE-2023-0286'])] } }),
      directory,
      {
        toolVersion: '0.1.0',
        forms: ['oval'],
      },
    );
    path = join(directory, 'results.xml');
    spawnSync('oscap', ['oval', 'eval', '--results', path, join(directory, 'debian-12.oval.xml')], {
      env: { ...process.env, OSCAP_PROBE_ROOT: rootOf({ 'etc/os-release': bookwormRelease }) },
    });
  });

  test('on our own document have no problem', async () => {
    const report = await validateFile(path, { official: officialSchemas });

    expect(report).toMatchObject({
      kind: 'oval-results',
      valid: true,
      problems: [],
      schemas: ['profile', 'official'],
    });
  });

  test.each([
    [
      'a verdict twice',
      (text: string) => text.replace(/<definition definition_id[\s\S]*?<\/definition>/, '$&$&'),
    ],
    ['an item without id', (text: string) => text.replace(/ item_id="\d+"/, '')],
    ['criteria that nobody wrote', (text: string) => text.replace('operator="AND"', 'operator="XOR"')],
    ['no verdict', (text: string) => text.replace(/(<criteria [^>]*) result="\w+"/, '$1')],
  ])('our own schema finds %s', async (_, spoil) => {
    const bad = join(temporaryFolder(), 'bad.xml');
    const text = readFileSync(path, 'utf8');
    const results = text.indexOf('<results>');
    const spoiled = spoil(text.slice(results));
    writeFileSync(bad, text.slice(0, results) + spoiled);

    expect(spoiled).not.toBe(text.slice(results));
    expect((await validateFile(bad)).problems.map(({ rule }) => rule)).toContain('schema');
  });

  test('that speak of a definition they do not carry, or in other words, are found out', async () => {
    const bad = join(temporaryFolder(), 'bad.xml');
    const text = readFileSync(path, 'utf8');
    const results = text.indexOf('<results>');
    const tail = text
      .slice(results)
      .replace(/definition_id="(oval:[^"]+)"/, 'definition_id="$19"')
      .replace(/result="(true|false)"/, 'result="maybe"');
    writeFileSync(bad, text.slice(0, results) + tail);

    const report = await validateFile(bad, { profile: 'never' });

    expect(report.problems.map(({ rule }) => rule)).toEqual(['results', 'results']);
  });
});

describe('results of comply as XCCDF and ARF', () => {
  const folder = temporaryFolder();
  const results = ['xccdf', 'arf'].map((format) => join(folder, `${format}.xml`));
  beforeAll(() => {
    const content = join(folder, 'content.xml');
    writeFileSync(content, smallStream({ rules: 2, profiles: { only: [1, 2] } }));
    const outputs = ['-o', `xccdf=${results[0]}`, '-o', `arf=${results[1]}`];
    const image = rootWith({ 'etc/os-release': bookwormRelease });
    scapfeed(['comply', image, '--content', content, '--profile', 'only', ...outputs]);
  });

  test('are no unknown documents, and what was not checked is told', () => {
    const { code, out } = scapfeed(['validate', ...results]);
    expect(out).toMatch(/xccdf\.xml: valid \(xccdf-results, .*\n.*1 warning of rule results-unread/);
    expect(out).toMatch(/arf\.xml: valid \(arf, .*\n.*1 warning of rule results-unread/);
    expect(code).toBe(0);
  });

  test.skipIf(!hasOfficialSchemas())(
    'are valid by the official schemas, which find what is not',
    async () => {
      const [xccdf, arf] = results as [string, string];
      const check = (path: string) => validateFile(path, { official: officialSchemas });
      expect(await check(xccdf)).toMatchObject({ valid: true, problems: [], schemas: ['official'] });
      const inside = [{ rule: 'results-unread', level: 'warning' }];
      expect(await check(arf)).toMatchObject({ valid: true, problems: inside, schemas: ['official'] });
      for (const [path, name] of [
        [xccdf, 'rule-result'],
        [arf, 'report'],
      ] as const) {
        const bad = join(folder, 'bad.xml');
        const spoiled = new RegExp(`(</?[a-z]*:?)${name}(?=[ >])`, 'g');
        writeFileSync(bad, readFileSync(path, 'utf8').replace(spoiled, '$1other'));
        expect(await check(bad), name).toMatchObject({ valid: false });
      }
    },
  );
});
