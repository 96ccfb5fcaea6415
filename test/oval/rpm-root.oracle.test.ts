import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packagesOf, rpmRoot } from '../distros/shared/rpm-system.ts';
import { scapfeed } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { oscapEval } from './support/roots.ts';

/** Requirements of `oscap` on a root to judge rpm packages by the OVAL that reads the system itself (docs/xml.md). */
describe.skipIf(!hasOracle('oscap', 'rpm', 'zstd', 'tar'))('OVAL for rpm on a root file system', () => {
  const rpm = packagesOf({ vendor: 'Red Hat, Inc.', keyid: '199e2f91fd431d51' });
  const release = rpm('redhat-release-9.3-0.5.el9.x86_64');
  const gnutls = rpm('gnutls-3.7.6-20.el9.x86_64');
  const os = { 'etc/os-release': 'ID="rhel"\nVERSION_ID="9.3"\n' };
  let document: string;

  beforeAll(() => {
    const folder = temporaryFolder();
    const from = ['--mirror', 'sample:', '--unsigned-mirror', '--snapshots', join(folder, 'snapshots')];
    const out = join(folder, 'feed');
    const { code, err } = scapfeed(['build', '--source', 'redhat', ...from, '--out', out]);
    expect(code, err).toBe(0);
    document = join(out, 'oval/rhel-9.oval.xml');
  });

  const truths = (root: string) =>
    [...oscapEval(document, root).values()].filter((result) => result === 'true').length;

  it('is true where the release package is installed, with or without os-release', () => {
    const found = truths(rpmRoot(os, [release, gnutls]));
    expect(found).toBeGreaterThan(2);
    expect(truths(rpmRoot({}, [release, gnutls]))).toBe(found);
  });

  it('is all false without the release package: a list of packages has to have it', () => {
    expect(truths(rpmRoot(os, [gnutls]))).toBe(0);
  });

  it('finds the database where newer systems have it', () => {
    const root = rpmRoot(os, [release, gnutls]);
    const found = truths(root);
    mkdirSync(join(root, 'usr/lib/sysimage'), { recursive: true });
    renameSync(join(root, 'var/lib/rpm'), join(root, 'usr/lib/sysimage/rpm'));
    expect(truths(root)).toBe(found);
  });
});
