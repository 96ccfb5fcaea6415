import type { FileStat } from '../../model/inventory/index.ts';
import { fileFlags, fileStates, type OwnedFile, verifyFlags } from './owned-files.ts';

export type RpmAttribute = keyof typeof verifyFlags;

/** The file at the path of a package's file. */
export interface FoundFile {
  stat: FileStat;
  user: string;
  group: string;
  /** Digest by the package's algorithm; undefined: unknown. */
  digest(): string | undefined;
}

export interface RpmComparison {
  differs: ReadonlySet<RpmAttribute>;
  /** True if the digest should be compared but is unknown. */
  unknown: boolean;
}

/** Types of files in the bits of a mode (sys/stat.h). */
const typeBits: Readonly<Record<FileStat['type'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  other: 0,
};

/** Devices, sockets and pipes: the view does not distinguish them. */
const otherTypes: ReadonlySet<number> = new Set([0o020000, 0o060000, 0o010000, 0o140000]);

/**
 * Compares a file with its package's header as `rpm --verify` does (lib/verify.c, rpmfilesVerify): for a file that another
 * package replaced, or a ghost, only some attributes are compared, and packagers may exclude some.
 */
export function compareFile(file: OwnedFile, found: FoundFile, omit = 0): RpmComparison {
  const { stat } = found;
  const flags = comparable(file, stat) & ~omit;
  const differs = new Set<RpmAttribute>();
  const compare = (attribute: RpmAttribute, different: () => boolean) => {
    if (flags & verifyFlags[attribute] && different()) differs.add(attribute);
  };
  const digest = flags & verifyFlags.digest && file.digest ? found.digest() : undefined;
  compare('digest', () => digest !== undefined && digest !== file.digest?.value.toLowerCase());
  compare('size', () => stat.size !== file.size);
  compare('link', () => stat.target !== file.linkTarget);
  compare('mode', () => modeDiffers(file, stat));
  compare('user', () => found.user !== file.user);
  compare('group', () => found.group !== file.group);
  compare('mtime', () => stat.mtime !== undefined && stat.mtime !== file.mtime);
  const wanted = (flags & verifyFlags.digest) !== 0 && file.digest !== undefined;
  return { differs, unknown: wanted && digest === undefined };
}

/** True if rpm verifies the file at all; it does not if the file was left out at installation. */
export function isInstalled({ state }: OwnedFile): boolean {
  return state !== fileStates.notInstalled && state !== fileStates.netShared;
}

function comparable(file: OwnedFile, { type }: FileStat): number {
  const content = verifyFlags.digest | verifyFlags.size | verifyFlags.mtime;
  if (!isInstalled(file) || file.state === fileStates.replaced) return 0;
  let flags = file.verify;
  if (file.state === fileStates.wrongColor) flags &= ~(content | verifyFlags.device);
  if (type === 'symlink') flags &= ~verifyFlags.mode;
  else flags &= ~verifyFlags.link;
  if (type !== 'file') flags &= ~(content | verifyFlags.capabilities);
  if (file.flags & fileFlags.ghost) flags &= ~(content | verifyFlags.link);
  return flags;
}

function modeDiffers({ mode, flags }: OwnedFile, { type, mode: found }: FileStat): boolean {
  if ((mode & 0o7777) !== found) return true;
  // A ghost may be of any file type.
  if (flags & fileFlags.ghost) return false;
  const expected = mode & 0o170000;
  return type === 'other' ? !otherTypes.has(expected) : expected !== typeBits[type];
}
