import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeOval } from '../../src/feed/oval/index.ts';
import { validateFile } from '../../src/validate/index.ts';
import { affected, fixed, indexOf } from '../oval/support/indexes.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('our schema profile', () => {
  let directory: string;
  let text: string;
  beforeAll(async () => {
    directory = temporaryFolder();
    const packages = {
      openssl: [fixed('3.0.8-1~deb12u1', ['CVE-2023-0286']), affected('none_yet', ['CVE-2024-1'])],
    };
    const roster = new Map([
      [
        'openssl',
        {
          version: '1',
          binaries: [
            { name: 'libssl3', version: '1' },
            { name: 'openssl', version: '1' },
          ],
        },
      ],
    ]);
    await writeOval(indexOf({ packages, roster }), directory, { toolVersion: '0.1.0' });
    text = readFileSync(join(directory, 'debian-12.oval.xml'), 'utf8');
  });

  test.each(['oval', 'unfixed.oval', 'status-d.oval', 'status-d.unfixed.oval', 'dpkginfo.oval'])(
    'accepts our own %s',
    async (suffix) => {
      const report = await validateFile(join(directory, `debian-12.${suffix}.xml`));

      expect(report).toMatchObject({ valid: true, problems: [], schemas: ['profile'] });
    },
  );

  const faults: [string, string, string][] = [
    ['a limit without epoch', '>0:3.0.8', '>3.0.8'],
    ['a test that must hold of all', 'check="at least one"', 'check="all"'],
    ['an id of somebody else', 'oval:org.scapfeed.debian-12:def', 'oval:org.debian:def'],
    ['another schema version', '5.11.1', '5.11.2'],
    ['a criterion without comment', / comment="openssl source[^"]*"\/>/.source, '/>'],
    ['an unknown test', '</tests>', '<x/></tests>'],
    ['a fraction of a second', 'T06:00:00', 'T06:00:00.5'],
  ];
  test.each(faults)('refuses %s', async (_, find, replacement) => {
    const path = join(directory, 'bad.xml');
    const bad = text.replaceAll(new RegExp(find, 'g'), replacement);
    expect(bad).not.toBe(text);
    writeFileSync(path, bad);

    const report = await validateFile(path, { profile: 'always' });

    expect(report.problems.filter(({ rule }) => rule === 'schema')[0]).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/^profile: /),
    });
  });
});
