/** Folders of tests in packages: what looks installed there is made up, and often broken on purpose. */
const testFolder = /^_*(?:tests?|fixtures?|testdata|mocks?)_*$/i;

/**
 * Whether a file is test data of an installed package. `home`: name of the folders of packages, `node_modules`. `root`: the
 * package's own folder below one of them, which may have any name.
 */
export function isTestData(path: string, home: string, root: RegExp = /^[^/]+/): boolean {
  const [, ...inHomes] = path.split(`/${home}/`);
  return inHomes.some((place) =>
    place
      .replace(root, '')
      .split('/')
      .some((folder) => testFolder.test(folder)),
  );
}
