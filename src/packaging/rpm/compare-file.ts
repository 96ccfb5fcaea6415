import type { FileStat } from '../../model/index.ts';
import { fileFlags, fileStates, type OwnedFile, verifyFlags } from './owned-files.ts';

export type RpmAttribute = keyof typeof verifyFlags;

/** What stands in the place of a package's file. */
export interface FoundFile {
  stat: FileStat;
  user: string;
  group: string;
  /** Digest in the package's algorithm; undefined: it is not known. */
  digest(): string | undefined;
}

export interface RpmComparison {
  differs: ReadonlySet<RpmAttribute>;
  /** The digest had to be compared and is not known: the content is neither equal nor different. */
  unknown: boolean;
}

/** Types of files in the bits of a mode (sys/stat.h). */
const typeBits: Readonly<Record<FileStat['type'], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  other: 0,
};

/** Devices, sockets and pipes: the view does not tell them apart. */
const otherTypes: ReadonlySet<number> = new Set([0o020000, 0o060000, 0o010000, 0o140000]);

/**
 * Compares a file with its package's header as `rpm --verify` does (lib/verify.c, rpmfilesVerify): of a file that
 * another package replaced, or of a ghost, only some attributes mean anything, and packagers may take some out.
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

/** Whether rpm looks at the file at all: what was left out at the installation is as it should be. */
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
  // What kind of file stands for a ghost is left to whoever makes it.
  if (flags & fileFlags.ghost) return false;
  const expected = mode & 0o170000;
  return type === 'other' ? !otherTypes.has(expected) : expected !== typeBits[type];
}
