import type { FileStat, FileView } from '../model/inventory/index.ts';
import { compareFile, isInstalled, type RpmAttribute } from '../packaging/rpm/compare-file.ts';
import {
  fileFlags,
  fileStates,
  type OwnedFile,
  ownedFiles,
  verifyFlags,
} from '../packaging/rpm/owned-files.ts';
import type { Comparison, ImageFacts, PackagedFile } from './owners.ts';

/**
 * Passes every file of an image's rpm packages to `add`, and returns the databases that have any. The inventory reports
 * incomplete databases. @throws PACKAGE_DATABASE_UNREADABLE
 */
export function readRpmFiles(view: FileView, add: (file: PackagedFile) => void): ReadonlySet<string> {
  const databases = new Set<string>();
  for (const file of ownedFiles(view, () => {})) {
    databases.add(file.package.database);
    add(new RpmFile(file));
  }
  return databases;
}

const regular = 0o100000;
const typeMask = 0o170000;

class RpmFile implements PackagedFile {
  readonly #file: OwnedFile;

  constructor(file: OwnedFile) {
    this.#file = file;
  }

  get package(): string {
    return this.#file.package.name;
  }

  get path(): string {
    return this.#file.path;
  }

  get class(): PackagedFile['class'] {
    const { flags } = this.#file;
    if (flags & fileFlags.configuration) return 'config';
    return flags & (fileFlags.documentation | fileFlags.license | fileFlags.readme)
      ? 'documentation'
      : 'plain';
  }

  get optional(): boolean {
    return (this.#file.flags & (fileFlags.ghost | fileFlags.missingOk)) !== 0 || !isInstalled(this.#file);
  }

  get undescribed(): boolean {
    return false;
  }

  get mode(): number {
    return this.#file.mode;
  }

  get capabilities(): string {
    return this.#file.capabilities ?? '';
  }

  /** Times are not compared, because image builders set them. */
  compare(found: FileStat, { files, accounts }: ImageFacts): Comparison {
    const file = this.#file;
    const { digest } = file;
    const { differs, unknown } = compareFile(
      file,
      {
        stat: found,
        user: accounts.user(found.uid),
        group: accounts.group(found.gid),
        digest: () => digest && files.digest(file.path, digest.algorithm),
      },
      verifyFlags.mtime,
    );
    const otherType = differs.has('mode') && typeOf(file.mode) !== typeWords[found.type];
    const words = (attributes: readonly RpmAttribute[]) =>
      attributes
        .filter((attribute) => differs.has(attribute))
        .map((each) => wordsOf(each, file, found, accounts));
    const reason = unknown ? 'not_hashed' : this.#unverified(found);
    return {
      content: [
        ...(otherType ? [`${typeWords[found.type]}, packaged as ${typeOf(file.mode)}`] : []),
        // A different size is reported only if there is no digest.
        ...words(digest && !unknown ? ['digest', 'link'] : ['size', 'link']),
      ],
      attributes: words(otherType ? ['user', 'group'] : ['mode', 'user', 'group']),
      compared: reason === undefined && found.type === 'file' && digest !== undefined && this.#isOwn,
      ...(reason === undefined ? {} : { unverified: reason }),
    };
  }

  /** False if rpm records another package as the one that installed the file. */
  get #isOwn(): boolean {
    return this.#file.state !== fileStates.replaced && this.#file.state !== fileStates.wrongColor;
  }

  #unverified({ type }: FileStat): Comparison['unverified'] {
    const { mode, digest, verify, flags } = this.#file;
    if (type !== 'file' || (mode & typeMask) !== regular || !this.#isOwn) return undefined;
    if (digest === undefined || flags & fileFlags.ghost) return 'no_digest';
    return verify & verifyFlags.digest ? undefined : 'left_out_by_packager';
  }
}

const typeWords: Readonly<Record<FileStat['type'], string>> = {
  file: 'a file',
  directory: 'a directory',
  symlink: 'a link',
  other: 'a device',
};

const packagedTypes = new Map([
  [regular, 'a file'],
  [0o040000, 'a directory'],
  [0o120000, 'a link'],
]);

function typeOf(mode: number): string {
  return packagedTypes.get(mode & typeMask) ?? 'a device';
}

function wordsOf(
  attribute: RpmAttribute,
  file: OwnedFile,
  found: FileStat,
  accounts: ImageFacts['accounts'],
): string {
  switch (attribute) {
    case 'size':
      return `size ${found.size}, packaged ${file.size}`;
    case 'link':
      return `a link to ${found.target}, packaged ${file.linkTarget ? `one to ${file.linkTarget}` : 'as a file'}`;
    case 'mode':
      return `mode ${octal(found.mode)}, packaged ${octal(file.mode)}`;
    case 'user':
      return `user ${accounts.user(found.uid)}, packaged ${file.user}`;
    case 'group':
      return `group ${accounts.group(found.gid)}, packaged ${file.group}`;
    default:
      return attribute;
  }
}

export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
