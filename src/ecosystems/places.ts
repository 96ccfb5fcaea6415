/**
 * Folders that only packages of distributions fill, and those of a running kernel: their contents are judged as part of these
 * packages, or are not software.
 */
const foldersOfDistributions: ReadonlySet<string> = new Set([
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
    '/var/db/pkg',
    '/var/lib/dpkg',
    '/var/lib/pacman',
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

/**
 * Folders of packages of languages that only the distribution's package manager writes, and why. `pip`, `npm -g` and installers of
 * vendors write to others below /usr/lib and /usr/share: a file there is not the distribution's because of its place.
 */
const packagedFolders: Readonly<Record<string, string>> = {
  '/usr/lib/python3/dist-packages': 'of packages of dpkg: pip writes to /usr/local or to site-packages',
  '/usr/lib/python2.7/dist-packages': 'the same for Python 2',
  '/usr/lib/nodejs':
    'of packages of dpkg: npm writes to /usr/local, that of NodeSource to /usr/lib/node_modules',
  '/usr/share/nodejs': 'the same, of newer releases',
  '/usr/share/java': 'archives of packages of dpkg, rpm and apk',
  '/usr/share/maven-repo': 'the same as a repository of Maven',
  '/usr/share/rubygems-integration': 'of packages of dpkg: gem writes to /var/lib/gems',
};

const inPackagedFolders = new RegExp(
  `^(?:${Object.keys(packagedFolders).join('|').replaceAll('.', '\\.')})/`,
);

/** Whether a package of the distribution brought a package of a language, by the place alone. */
export function isPackagedPlace(path: string): boolean {
  return inPackagedFolders.test(path.startsWith('/') ? path : `/${path}`);
}
