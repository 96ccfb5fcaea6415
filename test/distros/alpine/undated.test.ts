import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apkRecord } from '../../packaging/apk/record.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { writeAlpineMirror } from './world.ts';

test('a person builds Alpine from a mirror without package indexes: the data has no date, and none of 1970', () => {
  const folder = temporaryFolder();
  const out = join(folder, 'feed');
  const mirror = writeAlpineMirror({
    'v3.20/main': { secfixes: { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } } },
    'v3.20/community': { secfixes: {} },
  });
  const root = rootWith({
    'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine Linux v3.20"\n',
    'lib/apk/db/installed': apkRecord('musl', '1.2.5-r0'),
  });
  const scan = (...more: string[]) => scapfeed(['scan', `dir:${root}`, '--feed', out, ...more]);

  const built = scapfeed([
    ...['build', '--source', 'alpine', '--no-ratings', '--mirror', mirror, '--out', out],
    ...['--snapshots', join(folder, 'snapshots')],
  ]);
  expect(built.out).toContain('made from vendor data without a date');
  expect(built.out).toMatch(/^alpine-3\.20 +no date /m);
  expect(scapfeed(['feeds', '--feed', out]).out).toMatch(/^alpine-3\.20 .* no date +- /m);

  const stale = scan();
  expect(stale.code).toBe(3);
  expect(stale.err).toContain('the vendor data of alpine-3.20 has no date');
  expect(stale.err).toContain('with the package indexes');
  const any = scan('--max-age', '0');
  expect(any.out).toContain('feed alpine-3.20, vendor data without a date');
  expect(`${built.out}${stale.err}${any.out}`).not.toContain('1970');

  // Formats that can do without a date have none, others are refused until somebody says one.
  for (const format of ['csv', 'junit', 'sarif', 'cyclonedx', 'html', 'markdown'])
    expect([format, scan('--max-age', '0', '-o', format)]).toEqual([
      format,
      expect.objectContaining({ code: any.code, out: expect.not.stringContaining('1970') }),
    ]);
  const { platform } = JSON.parse(scan('--max-age', '0', '-o', 'json').out) as { platform: object };
  for (const member of ['updated', 'ageDays']) expect(platform).not.toHaveProperty(member);
  const several = ['scan', `dir:${root}`, `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json'];
  expect(JSON.parse(scapfeed(several).out)).not.toHaveProperty('date');
  for (const format of ['openvex', 'csaf', 'spdx', 'gitlab']) {
    const refused = scan('--max-age', '0', '-o', format);
    expect([format, refused]).toEqual([
      format,
      {
        code: 3,
        out: '',
        err: expect.stringMatching(/needs a date, and no data of this feed has one.*SOURCE_DATE_EPOCH/s),
      },
    ]);
    const said = scapfeed(['scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', format], {
      SOURCE_DATE_EPOCH: '1764201600',
    });
    expect([format, said.code, said.out.includes('2025-11-27')]).toEqual([format, any.code, true]);
  }
});

test('documents of data without a date have the date of the feed', () => {
  const folder = temporaryFolder();
  const out = join(folder, 'feed');
  const mirror = writeAlpineMirror({
    'v3.20/main': { secfixes: { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } } },
    'v3.20/community': { secfixes: {} },
  });
  const built = scapfeed(
    [
      ...['build', '--source', 'alpine', '--no-ratings', '--mirror', mirror, '--out', out, '--scap'],
      ...[
        '--snapshots',
        join(folder, 'snapshots'),
        '--export',
        'csaf,osv',
        '--exports',
        join(folder, 'exports'),
      ],
    ],
    { SOURCE_DATE_EPOCH: '1764201600' },
  );
  expect([built.code, built.err]).toEqual([0, expect.not.stringContaining('[')]);
  const text = (path: string) => readFileSync(join(folder, path), 'utf8');
  expect(text('feed/oval/alpine-3.20.oval.xml')).toContain('<oval:timestamp>2025-11-27T00:00:00<');
  const documents = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /^(?:feed\/(?:oval|scap)|exports)\/.*\.(?:xml|json|csv)$/.test(path),
  );
  expect(documents.length).toBeGreaterThan(8);
  expect(documents.filter((path) => text(path).includes('1970'))).toEqual([]);
});
