import { kindOf, type ShardTables } from '../../../feed/read/shard-records.ts';
import type { ClaimKind, PackageRecord } from '../../../model/feed/index.ts';
import type { InstalledPackage } from '../../../model/inventory/index.ts';
import { kernelNames } from '../kernel.ts';
import { lineOf, linesOf, type VersionLine } from './lines.ts';

/** The words of what RHEL and its rebuilds build of `kernel`, `kernel-rt` and `kernel-uek`, in errata and CSAF. */
const binaries = kernelNames(
  'kernel',
  [
    '16k 64k PAE abi addons alt bootwrapper common core debug debuginfo devel doc extra internal',
    'ipaclones kdump kvm matched modules partner rt selftests stablelists trace uek uki virt whitelists xen zfcpdump',
    'aarch64 i686 ppc64 ppc64le s390x x86_64',
  ].join(' '),
);

/** Of user space are kernel-tools, kernel-tools-libs and the headers of the C library: kernel-headers, kernel-cross-headers. */
export function isRedHatKernel({ name }: InstalledPackage): boolean {
  return binaries(name);
}

/** The line of an installed build; `versions`: it is of none of these, which are those of all lines. */
export type BuildLine = VersionLine | { unlike: readonly string[] };

/** By the rows of the package's own name; undefined: its channels have no lines. */
export function buildLine(
  version: string,
  record: PackageRecord | undefined,
  tables: ShardTables,
): BuildLine | undefined {
  const fixes = (record?.claims ?? []).map((claim) => ({
    fixed: claim.fixed,
    channel: kindOf(claim, tables).channel,
  }));
  const lines = linesOf(fixes);
  if (lines.length === 0) return undefined;
  return lineOf(version, lines) ?? { unlike: lines.flatMap(({ versions }) => versions) };
}

const plain = new WeakMap<ClaimKind, ClaimKind>();

/** The fields of a claim without its channel: within a line all are of one stream. */
export function ofOneStream(kind: ClaimKind): ClaimKind {
  if (kind.channel === undefined) return kind;
  const known = plain.get(kind);
  if (known) return known;
  const { channel: _, ...made } = kind;
  plain.set(kind, made);
  return made;
}
