import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pacmanEntry, pacmanMarker } from '../../packaging/alpm/entry.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** A vulnerability group as Arch's tracker writes it; the rest is of a fixed group of high severity. */
export function avg(number: number, packages: string, more: Readonly<Record<string, unknown>> = {}): object {
  return {
    ...{ name: `AVG-${number}`, packages: packages.split(' '), status: 'Fixed', severity: 'High' },
    ...{ type: 'arbitrary code execution', affected: '1.0-1', fixed: '1.0-2', ticket: null },
    ...{ issues: [`CVE-2024-${number}`], advisories: [] },
    ...more,
  };
}

/** A mirror with the one document; a text is that of the document. */
export function writeArchMirror(groups: readonly unknown[] | string): string {
  const mirror = temporaryFolder('mirror');
  mkdirSync(join(mirror, 'security.archlinux.org'));
  const text = typeof groups === 'string' ? groups : JSON.stringify(groups);
  writeFileSync(join(mirror, 'security.archlinux.org/all.json'), text);
  return mirror;
}

/** A root file system with packages, `name version base` each. A base that is not stated is the package itself. */
export function archRoot(packages: readonly string[], release = 'ID=arch\nBUILD_ID=rolling\n'): string {
  const root = temporaryFolder('root');
  const files: Record<string, string> = {
    '/etc/os-release': `NAME="Arch Linux"\n${release}`,
    ...pacmanMarker,
  };
  for (const each of packages) {
    const [name = '', version = '', base = name] = each.split(' ');
    Object.assign(files, pacmanEntry(name, version, { BASE: base }));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
