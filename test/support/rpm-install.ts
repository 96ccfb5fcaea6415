import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary.ts';

/**
 * Builds a package with rpmbuild and installs it with rpm into a new root, documentation left out. `attributes` are the
 * lines of %files without their paths, which are `/usr/lib/tool/file0`, `…/file1`; each file holds its number.
 */
export function rpmRoot(attributes: readonly string[]): string {
  const folder = temporaryFolder('rpm');
  const root = join(folder, 'root');
  const spec = join(folder, 'tool.spec');
  const files = attributes.map((line, at) => `${line} ${rpmFile(at)}\n`);
  mkdirSync(root);
  writeFileSync(
    spec,
    `Name: tool
Version: 1
Release: 1
Summary: files of every kind
License: none
AutoReqProv: no
%define __os_install_post %{nil}
%define debug_package %{nil}
%description
files of every kind
%install
mkdir -p %{buildroot}/usr/lib/tool
for i in $(seq 0 ${attributes.length - 1}); do printf "file $i" > %{buildroot}/usr/lib/tool/file$i; done
%files
${files.join('')}`,
  );
  const quiet = { stdio: 'pipe' } as const;
  const defines = ['--define', `_topdir ${folder}`, '--define', '_binary_payload w0.gzdio'];
  execFileSync('rpmbuild', ['-bb', '--target', 'x86_64', '--nodeps', ...defines, spec], quiet);
  const built = join(folder, 'RPMS/x86_64/tool-1-1.x86_64.rpm');
  const options = ['--excludedocs', '--nodeps', '--ignorearch', '--nosignature', '--noplugins'];
  execFileSync('rpm', ['--root', root, '-i', ...options, built], quiet);
  return root;
}

export function rpmFile(at: number): string {
  return `/usr/lib/tool/file${at}`;
}

/** Takes the root and what it was made of away. */
export function removeRpmRoot(root: string): void {
  rmSync(join(root, '..'), { recursive: true, force: true });
}
