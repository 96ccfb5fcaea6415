import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rpmDatabaseMaker } from '../../prove/compare.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import { rootWith } from '../../support/cli.ts';

export const vendor = 'Red Hat, Inc.';
/** redhatrelease2, which signs RHEL 6 to 9. */
export const redHatKey = '199e2f91fd431d51';

export interface RhelRelease {
  major: number;
  minor: number;
}

/** A root file system that calls itself RHEL, with an sqlite database that librpm reads; modules: `name:stream` enabled. */
export function rhelRoot(
  { major, minor }: RhelRelease,
  packages: readonly RpmPackage[],
  modules: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): string {
  const records = modules.map((module) => {
    const [name = '', stream = ''] = module.split(':');
    const text = `[${name}]\nname=${name}\nprofiles=\nstate=enabled\nstream=${stream}\n`;
    return [`etc/dnf/modules.d/${name}.module`, text];
  });
  const root = rootWith({
    'etc/os-release': `NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="${major}.${minor}"\nPRETTY_NAME="Red Hat Enterprise Linux ${major}.${minor}"\n`,
    'etc/redhat-release': `Red Hat Enterprise Linux release ${major}.${minor}\n`,
    ...Object.fromEntries(records),
    ...files,
  });
  writeRpmDatabase(root, [releasePackage({ major, minor }), ...packages]);
  return root;
}

/** The package that owns /etc/redhat-release. */
function releasePackage({ major, minor }: RhelRelease): RpmPackage & { files: string[] } {
  const name = major === 7 ? 'redhat-release-server' : 'redhat-release';
  const [version, release] = [`${major}.${minor}`, `0.1.el${major}`];
  return {
    name,
    version,
    release,
    arch: 'x86_64',
    vendor,
    keyid: redHatKey,
    sourcerpm: `${name}-${version}-${release}.src.rpm`,
    files: ['/etc/redhat-release', '/etc/os-release'],
  };
}

function writeRpmDatabase(root: string, packages: readonly RpmPackage[]): void {
  const folder = join(root, 'var/lib/rpm');
  mkdirSync(folder, { recursive: true });
  const list = join(dirname(root), `${root.split('/').at(-1)}.packages.json`);
  writeFileSync(list, JSON.stringify({ packages }));
  execFileSync('python3', [rpmDatabaseMaker, list, folder, 'sqlite'], { stdio: 'ignore' });
}
