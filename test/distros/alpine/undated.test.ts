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
});
