import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { miss } from './missing.ts';
import { oraclePackages, packedJudge } from './oracle-packages.mjs';

export type Oracle = keyof typeof oraclePackages;

/** Where openscap-common puts the official OVAL, XCCDF and data stream schemas. */
export const officialSchemas = '/usr/share/openscap/schemas';

export function hasOracle(...names: Oracle[]): boolean {
  const missing = names.filter((name) => !onPath(name));
  for (const name of missing) miss({ kind: 'oracle', name, package: oraclePackages[name] });
  return missing.length === 0;
}

export function hasOfficialSchemas(): boolean {
  if (existsSync(officialSchemas)) return true;
  miss({ kind: 'oracle', name: 'official OVAL schemas', package: 'openscap-common' });
  return false;
}

/** The library that oscap matches patterns with, and a Python that can call it. */
export function hasLibpcre2(): boolean {
  if (!hasOracle('python3')) return false;
  const loads = 'import ctypes; ctypes.CDLL("libpcre2-8.so.0")';
  if (spawnSync('python3', ['-c', loads]).status === 0) return true;
  miss({ kind: 'oracle', name: 'libpcre2-8.so.0', package: 'libpcre2-8-0' });
  return false;
}

/** Where the data streams of the SCAP Security Guide are. */
export const securityGuide = '/usr/share/xml/scap/ssg/content';

export function hasSecurityGuide(): boolean {
  const packages = { debian12: 'ssg-debian', ubuntu2204: 'ssg-debderived', rhel9: 'ssg-nondebian' };
  const missing = Object.entries(packages).filter(
    ([name]) => !existsSync(join(securityGuide, `ssg-${name}-ds.xml`)),
  );
  for (const [, name] of missing) miss({ kind: 'oracle', name, package: name });
  return missing.length === 0;
}

/** Where `npm run oracles` puts the npm packages that judge recipes. */
export const judgesFolder = resolve(import.meta.dirname, '../../.ci/judges/node_modules');

export function hasJudges(): boolean {
  if (existsSync(join(judgesFolder, 'kubernetes-models'))) return true;
  miss({ kind: 'data', name: `${judgesFolder} (npm run oracles)` });
  return false;
}

/** The Update Framework's reference implementation, for the system's Python. */
export function hasPythonTuf(): boolean {
  if (existsSync('/usr/lib/python3/dist-packages/tuf/ngclient/updater.py')) return true;
  miss({ kind: 'oracle', name: 'python3-tuf', package: 'python3-tuf' });
  return false;
}

/** The modules of Greenbone's notus-scanner for the system's Python. */
export function hasNotus(): boolean {
  if (existsSync('/usr/lib/python3/dist-packages/notus/scanner/loader/json.py')) return true;
  miss({ kind: 'oracle', name: 'notus-scanner', package: 'notus-scanner' });
  return false;
}

/** The sources of bbolt, as Debian packages them for Go programs. */
export function hasBboltSources(): boolean {
  if (existsSync('/usr/share/gocode/src/go.etcd.io/bbolt')) return true;
  miss({ kind: 'oracle', name: 'sources of bbolt', package: 'golang-github-coreos-bbolt-dev' });
  return false;
}

/** The sources of the SPDX project's library for Go. */
export function hasSpdxSources(): boolean {
  if (existsSync('/usr/share/gocode/src/github.com/spdx/tools-golang')) return true;
  miss({ kind: 'oracle', name: 'sources of tools-golang', package: 'golang-github-spdx-tools-golang-dev' });
  return false;
}

/** Commands that npm packages in `judgesFolder` bring. */
const npmCommands = {
  'sarif-multitool': '@microsoft/sarif-multitool-linux/Sarif.Multitool',
  trivy: packedJudge,
} as const;

/** The path of such a command; undefined: `npm run oracles` was not run here. */
export function npmCommand(name: keyof typeof npmCommands): string | undefined {
  const path = join(judgesFolder, npmCommands[name]);
  if (!existsSync(path)) {
    miss({ kind: 'data', name: `${path} (npm run oracles)` });
    return undefined;
  }
  // npm keeps the modes of packages, and these were packed without.
  if ((statSync(path).mode & 0o111) === 0) chmodSync(path, 0o755);
  return path;
}

/** Some oracles make file systems or drop privileges: they work as root only. */
export function isRoot(): boolean {
  if (process.getuid?.() === 0) return true;
  miss({ kind: 'data', name: 'root privileges' });
  return false;
}

function onPath(command: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, command)));
}
