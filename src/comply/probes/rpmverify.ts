import { compareFile, type RpmAttribute, type RpmComparison } from '../../packaging/rpm/compare-file.ts';
import { fileFlags, type OwnedFile, ownedFiles, verifyFlags } from '../../packaging/rpm/owned-files.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, collection, failure, makeItem, type OvalItem } from '../oval/items.ts';
import type { Probe, ProbeContext } from './probe.ts';

const userFile = '/etc/passwd';
const groupFile = '/etc/group';

/** linux rpmverifyfile: the files that packages own against what the headers say of them. */
export const rpmVerifyFile: Probe = {
  type: 'linux/rpmverifyfile',
  collect: (conditions, context) => verified('linux/rpmverifyfile', conditions, context),
  reads: [userFile, groupFile],
  // The algorithm is in the image's database, which is read too late for reading layers; it is mostly SHA-256.
  digests: {
    algorithms: ({ behaviors }) => (behaviors['nomd5'] === 'true' ? [] : ['md5', 'sha256']),
    unknownPath: 'any file',
  },
  shows: { place: ['filepath', 'name'] },
  secret: 'none',
};

/** linux rpmverify, the deprecated form. */
export const rpmVerify: Probe = {
  ...rpmVerifyFile,
  type: 'linux/rpmverify',
  collect: (conditions, context) => verified('linux/rpmverify', conditions, context),
};

function verified(type: string, conditions: Conditions, context: ProbeContext): Collection {
  const accounts = accountNames(context);
  const items: OvalItem[] = [];
  let unknown: string | undefined;
  for (const file of ownedFiles(context.system.files)) {
    const verdict = chosen(file, conditions);
    if (verdict === 'error') return failure('error', 'a condition of the object cannot be judged');
    if (!verdict) continue;
    const comparison = compared(file, conditions.behaviors, context, accounts);
    // Without its digest, a file cannot be compared.
    if (comparison?.unknown) unknown ??= file.path;
    else items.push(itemOf(type, file, conditions.behaviors, comparison));
  }
  if (unknown === undefined) return collection(items);
  return { flag: 'incomplete', items, message: `the content of ${unknown} was not hashed` };
}

const noEpoch = '(none)';

/** The entities of an item that identify a file and its package. */
function fileIdentity({ package: pkg, path }: OwnedFile) {
  const { epoch, version, release } = parts(pkg.version);
  return { name: pkg.name, epoch: epoch ?? noEpoch, version, release, arch: pkg.arch, filepath: path };
}

function chosen(file: OwnedFile, { all, behaviors }: Conditions): boolean | 'error' {
  if (behaviors['noconfigfiles'] === 'true' && file.flags & fileFlags.configuration) return false;
  if (behaviors['noghostfiles'] === 'true' && file.flags & fileFlags.ghost) return false;
  const values: Readonly<Record<string, string>> = fileIdentity(file);
  for (const condition of all) {
    const result = condition.matches(values[condition.name] ?? '');
    if (result === 'error') return 'error';
    if (result !== 'true') return false;
  }
  return true;
}

interface Accounts {
  users: ReadonlyMap<number, string>;
  groups: ReadonlyMap<number, string>;
}

function accountNames({ texts }: ProbeContext): Accounts {
  const names = (path: string) =>
    new Map(
      (texts.read(path) ?? '')
        .split('\n')
        .map((line) => [Number(line.split(':')[2]), line.split(':')[0] ?? '']),
    );
  return { users: names(userFile), groups: names(groupFile) };
}

/** Undefined if the file does not exist. */
function compared(
  file: OwnedFile,
  behaviors: Readonly<Record<string, string>>,
  { system }: ProbeContext,
  { users, groups }: Accounts,
): RpmComparison | undefined {
  const stat = system.files.stat(file.path, false);
  if (!stat) return undefined;
  const { digest } = file;
  const found = {
    stat,
    user: nameOf(users, stat.uid),
    group: nameOf(groups, stat.gid),
    digest: () => digest && system.files.digest(file.path, digest.algorithm),
  };
  return compareFile(file, found, behaviors['nomd5'] === 'true' ? verifyFlags.digest : 0);
}

/** rpm takes 0 for root without looking it up (lib/rpmug.c). */
function nameOf(names: ReadonlyMap<number, string>, id: number): string {
  return id === 0 ? 'root' : (names.get(id) ?? String(id));
}

function itemOf(
  type: string,
  file: OwnedFile,
  behaviors: Readonly<Record<string, string>>,
  comparison: RpmComparison | undefined,
): OvalItem {
  const check = (omit: string, attribute: RpmAttribute): string => {
    if (behaviors[omit] === 'true' || !comparison) return 'not performed';
    return comparison.differs.has(attribute) ? 'fail' : 'pass';
  };
  const identity = fileIdentity(file);
  const { name, epoch, version, release, arch } = identity;
  return makeItem(type, {
    ...identity,
    extended_name: `${name}-${epoch === noEpoch ? '0' : epoch}:${version}-${release}.${arch}`,
    size_differs: check('nosize', 'size'),
    mode_differs: check('nomode', 'mode'),
    md5_differs: check('nomd5', 'digest'),
    device_differs: check('nordev', 'device'),
    link_mismatch: check('nolinkto', 'link'),
    ownership_differs: check('nouser', 'user'),
    group_differs: check('nogroup', 'group'),
    mtime_differs: check('nomtime', 'mtime'),
    configuration_file: (file.flags & fileFlags.configuration) !== 0,
    documentation_file: (file.flags & fileFlags.documentation) !== 0,
    ghost_file: (file.flags & fileFlags.ghost) !== 0,
    license_file: (file.flags & fileFlags.license) !== 0,
    readme_file: (file.flags & fileFlags.readme) !== 0,
  });
}

function parts(text: string): { epoch?: string; version: string; release: string } {
  const [, epoch, rest = ''] = /^(?:(\d+):)?([\s\S]*)$/.exec(text) ?? [];
  const dash = rest.lastIndexOf('-');
  return {
    ...(epoch === undefined ? {} : { epoch }),
    version: rest.slice(0, dash),
    release: rest.slice(dash + 1),
  };
}
