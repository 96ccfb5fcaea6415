import { unreadable } from '../../files/unreadable.ts';
import type { DigestAlgorithm, FileView, InstalledPackage } from '../../model/inventory/index.ts';
import type { ReportLoss } from '../database.ts';
import type { HeaderBlob } from './header-blob.ts';
import { rpmHeaders } from './index.ts';

/** A file as its package's header describes it. */
export interface OwnedFile {
  package: InstalledPackage;
  path: string;
  size: number;
  mode: number;
  user: string;
  group: string;
  mtime: number;
  /** Hex digest of a regular file's content; absent if the algorithm is unknown. */
  digest?: { algorithm: DigestAlgorithm; value: string };
  linkTarget?: string;
  /** As the packager wrote them: `cap_net_raw=p`. */
  capabilities?: string;
  /** Bits of `fileFlags`. */
  flags: number;
  /** Bits of `verifyFlags`: what the packager allows to be compared. */
  verify: number;
  /** The file's state in rpm, one of `fileStates`. */
  state: number;
}

/** RPMFILE_* of rpmfiles.h. */
export const fileFlags = {
  configuration: 1,
  documentation: 2,
  missingOk: 8,
  ghost: 64,
  license: 128,
  readme: 256,
} as const;

/** RPMFILE_STATE_* of rpmfiles.h. */
export const fileStates = { normal: 0, replaced: 1, notInstalled: 2, netShared: 3, wrongColor: 4 } as const;

/** RPMVERIFY_* of rpmvf.h. */
export const verifyFlags = {
  digest: 1,
  size: 2,
  link: 4,
  user: 8,
  group: 16,
  mtime: 32,
  mode: 64,
  device: 128,
  capabilities: 256,
} as const;

/** Tags of rpmtag.h that describe files; each is an array with one element per file. */
const tags = {
  sizes: 1028,
  states: 1029,
  modes: 1030,
  mtimes: 1034,
  digests: 1035,
  linkTargets: 1036,
  flags: 1037,
  users: 1039,
  groups: 1040,
  verify: 1045,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  longSizes: 5008,
  capabilities: 5010,
  digestAlgorithm: 5011,
} as const;

/** Hash algorithms of OpenPGP (RFC 4880, 9.4), by which rpm numbers them. */
const algorithms: Readonly<Record<number, DigestAlgorithm>> = {
  1: 'md5',
  2: 'sha1',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
  11: 'sha224',
};

/** Limit on the files of a package. */
const maxFiles = 1_000_000;

/** Every file that an rpm package of the image owns, in the order of the databases; `lost` as in rpmHeaders. */
export function* ownedFiles(files: FileView, lost?: ReportLoss): Generator<OwnedFile> {
  for (const { blob, item } of rpmHeaders(files, lost)) yield* filesOf(item, new FileTags(blob));
}

/** The same, by their paths alone. */
export function* ownedNames(
  files: FileView,
  lost?: ReportLoss,
): Generator<Pick<OwnedFile, 'package' | 'path'>> {
  for (const { blob, item } of rpmHeaders(files, lost)) {
    const header = new FileTags(blob);
    const dirNames = header.texts(tags.dirNames);
    const dirIndexes = header.numbers(tags.dirIndexes);
    for (const [at, name] of header.texts(tags.baseNames).entries())
      yield { package: item, path: (dirNames[dirIndexes[at] ?? 0] ?? '/') + name };
  }
}

function* filesOf(item: InstalledPackage, header: FileTags): Generator<OwnedFile> {
  const baseNames = header.texts(tags.baseNames);
  const dirNames = header.texts(tags.dirNames);
  const dirIndexes = header.numbers(tags.dirIndexes);
  const column = {
    sizes: header.has(tags.longSizes) ? header.numbers(tags.longSizes) : header.numbers(tags.sizes),
    modes: header.numbers(tags.modes),
    mtimes: header.numbers(tags.mtimes),
    flags: header.numbers(tags.flags),
    digests: header.texts(tags.digests),
    links: header.texts(tags.linkTargets),
    users: header.texts(tags.users),
    groups: header.texts(tags.groups),
    capabilities: header.texts(tags.capabilities),
    verify: header.numbers(tags.verify),
    states: header.numbers(tags.states),
  };
  const algorithm = algorithms[header.numbers(tags.digestAlgorithm)[0] ?? 1];
  for (const [at, name] of baseNames.entries()) {
    const digest = column.digests[at];
    const linkTarget = column.links[at];
    const capabilities = column.capabilities[at];
    yield {
      package: item,
      path: (dirNames[dirIndexes[at] ?? 0] ?? '/') + name,
      size: column.sizes[at] ?? 0,
      mode: (column.modes[at] ?? 0) & 0xffff,
      mtime: column.mtimes[at] ?? 0,
      user: column.users[at] ?? '',
      group: column.groups[at] ?? '',
      flags: column.flags[at] ?? 0,
      verify: column.verify[at] ?? 0xffff_ffff,
      state: column.states[at] ?? fileStates.normal,
      ...(digest && algorithm ? { digest: { algorithm, value: digest } } : {}),
      ...(linkTarget ? { linkTarget } : {}),
      ...(capabilities ? { capabilities } : {}),
    };
  }
}

const entryBytes = 16;
const widths: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8 };
const textTypes: ReadonlySet<number> = new Set([6, 8, 9]);

/** Arrays of a header, by tag. The header's outer form has been checked by parseHeader. */
class FileTags {
  readonly #blob: HeaderBlob;
  readonly #data: Buffer;
  readonly #entries = new Map<number, { type: number; offset: number; count: number }>();

  constructor(blob: HeaderBlob) {
    this.#blob = blob;
    const { bytes } = blob;
    const count = bytes.readUInt32BE(0);
    this.#data = bytes.subarray(8 + entryBytes * count);
    for (let at = 8; at < 8 + entryBytes * count; at += entryBytes) {
      this.#entries.set(bytes.readInt32BE(at), {
        type: bytes.readUInt32BE(at + 4),
        offset: bytes.readUInt32BE(at + 8),
        count: bytes.readUInt32BE(at + 12),
      });
    }
  }

  has(tag: number): boolean {
    return this.#entries.has(tag);
  }

  numbers(tag: number): number[] {
    const entry = this.#entries.get(tag);
    if (!entry) return [];
    const width = widths[entry.type];
    if (
      width === undefined ||
      entry.count > maxFiles ||
      entry.offset + width * entry.count > this.#data.length
    ) {
      throw unreadable(this.#blob.where, `expected ${entry.count} numbers of tag ${tag} within the header`);
    }
    return Array.from({ length: entry.count }, (_, at) => {
      const place = entry.offset + width * at;
      return width === 8 ? Number(this.#data.readBigUInt64BE(place)) : this.#data.readUIntBE(place, width);
    });
  }

  texts(tag: number): string[] {
    const entry = this.#entries.get(tag);
    if (!entry) return [];
    if (!textTypes.has(entry.type) || entry.count > maxFiles) {
      throw unreadable(this.#blob.where, `expected texts of tag ${tag}, found type ${entry.type}`);
    }
    const found: string[] = [];
    for (let at = entry.offset; found.length < entry.count; ) {
      const end = this.#data.indexOf(0, at);
      if (end === -1) throw unreadable(this.#blob.where, `expected the text of tag ${tag} to end`);
      found.push(this.#data.toString('utf8', at, end));
      at = end + 1;
    }
    return found;
  }
}
