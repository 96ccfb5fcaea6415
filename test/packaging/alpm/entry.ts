/** Files of pacman's database for one installed package: `pacmanEntry('zlib', '1:1.3.1-2', { BASE: 'zlib' }, ['usr/lib/libz.so'])`. */
export function pacmanEntry(
  name: string,
  version: string,
  sections: Readonly<Record<string, string>> = {},
  files: readonly string[] = [`usr/share/${name}/`, `usr/share/${name}/file`],
): Record<string, string> {
  const folder = `/var/lib/pacman/local/${name}-${version}`;
  const all = {
    ...{ NAME: name, VERSION: version, BASE: name, DESC: `what ${name} is`, ARCH: 'x86_64' },
    ...{ INSTALLDATE: '1715026360', SIZE: '1000', LICENSE: 'MIT\nGPL-2.0-or-later', VALIDATION: 'pgp' },
    ...sections,
  };
  const texts = Object.entries(all).map(([section, value]) => `%${section}%\n${value}\n\n`);
  return {
    [`${folder}/desc`]: texts.join(''),
    [`${folder}/files`]: `%FILES%\n${files.map((path) => `${path}\n`).join('')}\n`,
  };
}

/** The marker of the database's form. */
export const pacmanMarker = { '/var/lib/pacman/local/ALPM_DB_VERSION': '9\n' };
