import { createHash } from 'node:crypto';
import { type OwnedFile, ownedFiles } from '../../inventory/rpm/owned-files.ts';
import type { FileStat } from '../../model/index.ts';
import type { Conditions } from '../conditions.ts';
import { type Collection, collection, failure, type Item, makeItem } from '../items.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** linux rpmverifyfile, and the deprecated rpmverify: the files that packages own against what the headers say of them. */
export function rpmVerify(type: 'linux/rpmverifyfile' | 'linux/rpmverify'): Probe {
  return (conditions, context): Collection => {
    const accounts = accountNames(context);
    const items: Item[] = [];
    for (const file of ownedFiles(context.system.files)) {
      const verdict = chosen(file, conditions);
      if (verdict === 'error') return failure('error', 'a condition of the object cannot be judged');
      if (verdict) items.push(itemOf(type, file, conditions.behaviors, context, accounts));
    }
    const unread = conditions.behaviors['nomd5'] === 'true' ? undefined : unreadPath(items, context);
    if (unread === undefined) return collection(items);
    // Without its content a file is neither equal nor different.
    return {
      flag: 'incomplete',
      items,
      message: `the content of ${unread} was not kept, so its digest is not known`,
    };
  };
}

function unreadPath(items: readonly Item[], { system }: ProbeContext): string | undefined {
  return items
    .map((item) => item.get('filepath')?.[0]?.value ?? '')
    .find((path) => system.files.stat(path, false)?.type === 'file' && !system.files.open(path));
}

const flagBits = { configuration: 1, documentation: 2, ghost: 64, license: 128, readme: 256 } as const;

function chosen(file: OwnedFile, { all, behaviors }: Conditions): boolean | 'error' {
  if (behaviors['noconfigfiles'] === 'true' && file.flags & flagBits.configuration) return false;
  if (behaviors['noghostfiles'] === 'true' && file.flags & flagBits.ghost) return false;
  const { epoch, version, release } = parts(file.package.version);
  const values: Readonly<Record<string, string>> = {
    name: file.package.name,
    epoch: epoch ?? '(none)',
    version,
    release,
    arch: file.package.arch,
    filepath: file.path,
  };
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
  return { users: names('/etc/passwd'), groups: names('/etc/group') };
}

function itemOf(
  type: string,
  file: OwnedFile,
  behaviors: Readonly<Record<string, string>>,
  context: ProbeContext,
  accounts: Accounts,
): Item {
  const stat = context.system.files.stat(file.path, false);
  const check = (omit: string, differs: (stat: FileStat) => boolean): string => {
    if (behaviors[omit] === 'true' || !stat) return 'not performed';
    return differs(stat) ? 'fail' : 'pass';
  };
  const ghost = (file.flags & flagBits.ghost) !== 0;
  const regular = (file.mode & 0o170000) === 0o100000 && !ghost;
  const { epoch, version, release } = parts(file.package.version);
  const digest = check('nomd5', () => regular && contentDiffers(file, context));
  return makeItem(type, {
    name: file.package.name,
    epoch: epoch ?? '(none)',
    version,
    release,
    arch: file.package.arch,
    filepath: file.path,
    extended_name: `${file.package.name}-${epoch ?? '0'}:${version}-${release}.${file.package.arch}`,
    size_differs: check('nosize', ({ size }) => regular && size !== file.size),
    mode_differs: check('nomode', (found) => !ghost && modeOf(found) !== file.mode),
    md5_differs: digest,
    device_differs: check('nordev', () => false),
    link_mismatch: check(
      'nolinkto',
      ({ target }) => file.linkTarget !== undefined && target !== file.linkTarget,
    ),
    ownership_differs: check('nouser', ({ uid }) => (accounts.users.get(uid) ?? String(uid)) !== file.user),
    group_differs: check('nogroup', ({ gid }) => (accounts.groups.get(gid) ?? String(gid)) !== file.group),
    mtime_differs: check('nomtime', ({ mtime }) => regular && mtime !== undefined && mtime !== file.mtime),
    configuration_file: (file.flags & flagBits.configuration) !== 0,
    documentation_file: (file.flags & flagBits.documentation) !== 0,
    ghost_file: ghost,
    license_file: (file.flags & flagBits.license) !== 0,
    readme_file: (file.flags & flagBits.readme) !== 0,
  });
}

const typeBits: Readonly<Record<FileStat['type'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  other: 0o020000,
};

/** Permission bits of a link mean nothing and differ by file system. */
function modeOf({ type, mode }: FileStat): number {
  return type === 'symlink' ? 0o120777 : typeBits[type] | mode;
}

const chunk = 1 << 20;

function contentDiffers({ path, digest }: OwnedFile, { system }: ProbeContext): boolean {
  const content = digest && system.files.open(path);
  if (!digest || !content) return false;
  const hash = createHash(digest.algorithm);
  for (let at = 0; at < content.size; at += chunk)
    hash.update(content.read(at, Math.min(chunk, content.size - at)));
  return hash.digest('hex') !== digest.value;
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
