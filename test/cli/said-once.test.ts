import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Platform } from '../../src/model/feed/index.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const statement = {
  vulnerability: 'CVE-2024-0001',
  package: 'nginx',
  status: 'affected',
  fixState: 'none_yet',
  severity: 'high',
} as const;

it('explain says once what is the same for several packages of a source', () => {
  const feed = writeSmallFeed([{ platform: bookworm, statements: [statement] }]);
  const packages = ['nginx', 'nginx-common'].map((name) => stanza(name, '1.22.1-9', { Source: 'nginx' }));
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': packages.join(''),
  });
  const { out, code } = scapfeed([
    ...['explain', `dir:${image}`, 'CVE-2024-0001', 'nginx', '--feed', feed, '--max-age', '0'],
  ]);
  expect(code).toBe(0);
  expect(out).toContain('CVE-2024-0001 in nginx, nginx-common on debian-12: affected, none yet\n');
  expect(out.match(/^ {2}installed .*/gm)).toEqual([
    expect.stringContaining('nginx 1.22.1-9 '),
    expect.stringContaining('nginx-common 1.22.1-9 '),
  ]);
  for (const word of ['source', 'rule', 'pointer'])
    expect(out.match(RegExp(`^  ${word} `, 'gm'))).toHaveLength(1);
});

it("explain names a page once that is the distribution's and everybody's", () => {
  const almalinux: Platform = {
    ...{ id: 'almalinux-9', name: 'AlmaLinux 9', aliases: [], packaging: 'rpm', life: [] },
    os: { id: 'almalinux', version: '9' },
  };
  const rated = [{ id: 'CVE-2024-0001', ratings: [] }];
  const feed = writeSmallFeed([{ platform: almalinux, statements: [statement] }], undefined, rated);
  const purl =
    'pkg:rpm/almalinux/nginx@1-1.el9?arch=x86_64&upstream=nginx-1-1.el9.src.rpm&distro=almalinux-9.4';
  const sbom = join(temporaryFolder(), 'bom.json');
  writeFileSync(
    sbom,
    JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
      components: [{ type: 'library', name: 'nginx', version: '1-1.el9', purl }],
    }),
  );
  const { out } = scapfeed(['explain', sbom, 'CVE-2024-0001', 'nginx', '--feed', feed, '--max-age', '0']);
  expect(out.match(/https:\/\/\S+CVE-2024-0001/g)).toEqual([
    'https://www.cve.org/CVERecord?id=CVE-2024-0001',
    'https://nvd.nist.gov/vuln/detail/CVE-2024-0001',
  ]);
});

it('feeds has one row for all layered products, and with --all one for each', () => {
  const rhel: Platform = {
    ...{ id: 'rhel-9', name: 'Red Hat Enterprise Linux 9', aliases: [], packaging: 'rpm', life: [] },
    os: { id: 'rhel', version: '9' },
  };
  const layered = ['a-1', 'a-2', 'b-1'].map(
    (name): Platform => ({
      ...rhel,
      id: `rhel-layered-${name}`,
      name,
      os: { id: 'rhel-layered', version: name },
    }),
  );
  const feed = writeSmallFeed([rhel, ...layered].map((platform) => ({ platform, statements: [statement] })));
  const rows = (...options: string[]) =>
    scapfeed(['feeds', '--feed', feed, ...options]).out.match(/^rhel\S*(?: \(\d+\))? +\d+/gm);
  expect(rows()).toEqual([
    expect.stringMatching(/^rhel-9 +1$/),
    expect.stringMatching(/^rhel-layered-\* \(3\) +3$/),
  ]);
  expect(rows('--all')).toHaveLength(4);
});
