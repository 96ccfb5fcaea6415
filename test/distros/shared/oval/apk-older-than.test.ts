import fc from 'fast-check';
import { expect, it } from 'vitest';
import { olderThan } from '../../../../src/distros/shared/oval/apk-older-than.ts';
import { compareApk } from '../../../../src/packaging/apk/version.ts';
import { apkVersion } from '../../../packaging/apk/arbitrary.ts';

it('matches the versions that apk orders below another, and no others', () => {
  fc.assert(
    fc.property(apkVersion, fc.array(apkVersion, { minLength: 20, maxLength: 20 }), (limit, versions) => {
      const pattern = new RegExp(olderThan(limit)!);
      for (const version of versions)
        expect(pattern.test(version), `${version} ${limit}`).toBe(compareApk(version, limit) === -1);
    }),
  );
});

it('is undefined for what is no version', () => {
  expect(olderThan('1.0bc')).toBeUndefined();
});

it('stays short for real versions', () => {
  expect(olderThan('1.36.1-r29')!.length).toBeLessThan(700);
  expect(olderThan('2.0.0_git20240830-r12')!.length).toBeLessThan(1000);
});
