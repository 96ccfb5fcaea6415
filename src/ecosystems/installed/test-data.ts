/** Folders of tests in packages: what looks installed there is made up, and often broken on purpose. */
const testFolder = /^_*(?:tests?|fixtures?|testdata|mocks?)_*$/i;
/** Few paths have such a folder anywhere; the others need not be cut into their parts. */
const inTestFolder = /\/_*(?:tests?|fixtures?|testdata|mocks?)_*(?:\/|$)/i;

/** A folder of packages by its name, and a package's own folder below it, which may have any name. */
export interface PackageHome {
  name: string;
  root: RegExp;
}

const homes: readonly PackageHome[] = [
  { name: 'node_modules', root: /^(?:@[^/]+\/)?[^/]+/ },
  { name: 'site-packages', root: /^[^/]+/ },
  { name: 'dist-packages', root: /^[^/]+/ },
  { name: 'gems', root: /^[^/]+/ },
];

/** True for test data of installed packages of all languages. `own`: another folder name that is too common to be checked for every language. */
export function isTestData(path: string, own?: PackageHome): boolean {
  if (!inTestFolder.test(path)) return false;
  return [...homes, ...(own ? [own] : [])].some(({ name, root }) => {
    const [, ...inHomes] = path.split(`/${name}/`);
    return inHomes.some((place) =>
      place
        .replace(root, '')
        .split('/')
        .some((folder) => testFolder.test(folder)),
    );
  });
}
