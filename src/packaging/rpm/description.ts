import type { FileView, InstalledPackage } from '../../model/inventory/index.ts';
import { type HeaderBlob, uint32At } from './header-blob.ts';
import { rpmHeaders } from './index.ts';

/** Facts of a package's header that verdicts do not need. */
export interface RpmDescription {
  item: InstalledPackage;
  /** As the packager wrote it: `GPLv2+ and MIT`, in newer releases an SPDX expression. */
  licence?: string;
  /** Digest of the header, which has the digest of the payload: it names this build and no other. */
  sha256?: string;
}

/** Tags of rpmtag.h. */
const licenceTag = 1014;
const sha256Tag = 273;

const entryBytes = 16;
const textTypes: ReadonlySet<number> = new Set([6, 8, 9]);

/** Descriptions of all installed rpm packages, in the order of the databases. */
export function* rpmDescriptions(files: FileView): Generator<RpmDescription> {
  for (const { blob, item } of rpmHeaders(files, () => {})) {
    const licence = textOf(blob, licenceTag);
    const sha256 = textOf(blob, sha256Tag);
    yield {
      item,
      ...(licence ? { licence } : {}),
      ...(sha256 && /^[0-9a-f]{64}$/.test(sha256) ? { sha256 } : {}),
    };
  }
}

/** The first text of a tag; the header's outer form has been checked by parseHeader. */
function textOf({ bytes }: HeaderBlob, tag: number): string | undefined {
  const data = 8 + entryBytes * uint32At(bytes, 0);
  for (let at = 8; at < data; at += entryBytes) {
    if (uint32At(bytes, at) !== tag || !textTypes.has(uint32At(bytes, at + 4))) continue;
    const start = data + uint32At(bytes, at + 8);
    const end = bytes.indexOf(0, start);
    return end === -1 ? undefined : bytes.toString('utf8', start, end);
  }
  return undefined;
}
