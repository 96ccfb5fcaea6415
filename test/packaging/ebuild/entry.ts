/** Files of portage's database for one installed package: `portageEntry('sys-libs/zlib-1.3.1-r1', { SLOT: '0/1' }, ['obj /usr/lib64/libz.so …'])`. */
export function portageEntry(
  categoryAndFolder: string,
  facts: Readonly<Record<string, string | undefined>> = {},
  contents: readonly string[] = ['dir /usr', 'dir /usr/share'],
): Record<string, string> {
  const [category = '', folder = ''] = categoryAndFolder.split('/');
  const all: Record<string, string | undefined> = {
    ...{ CATEGORY: category, PF: folder, SLOT: '0', repository: 'gentoo', EAPI: '8', LICENSE: 'ZLIB' },
    ...{ BUILD_TIME: '1715026360', CHOST: 'x86_64-pc-linux-gnu', USE: 'abi_x86_64 amd64 elibc_glibc' },
    ...facts,
  };
  const path = `/var/db/pkg/${categoryAndFolder}`;
  return Object.fromEntries([
    ...Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [[`${path}/${name}`, `${value}\n`]],
    ),
    [`${path}/CONTENTS`, contents.map((line) => `${line}\n`).join('')],
  ]);
}
