/**
 * Folders that only packages of distributions fill, and those of a running kernel: their contents are judged as part of these
 * packages, or are not software.
 */
export const foldersOfDistributions: ReadonlySet<string> = new Set([
  ...[
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/lib',
    '/lib32',
    '/lib64',
    '/libx32',
    '/proc',
    '/run',
    '/sbin',
    '/sys',
  ],
  ...['/usr/bin', '/usr/games', '/usr/include', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libexec'],
  ...[
    '/usr/sbin',
    '/usr/share',
    '/usr/libx32',
    '/var/cache',
    '/var/lib/dpkg',
    '/var/lib/rpm',
    '/var/lib/apt',
    '/var/log',
  ],
]);

const inFolders = new RegExp(`^(?:${[...foldersOfDistributions].join('|')})/`);

/** Whether a file is where only packages of distributions put theirs. */
export function isOfDistribution(path: string): boolean {
  return inFolders.test(path);
}
