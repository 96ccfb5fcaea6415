import { parseRpmEvr } from './version.ts';

/** `name-[epoch:]version-release.arch`, as package lists and Red Hat's product ids write it. */
export interface RpmNevra {
  name: string;
  /** Digits, or `''` where none is written. */
  epoch: string;
  version: string;
  release: string;
  /** `''` where none is written. */
  arch: string;
}

/** What rpm and Red Hat build for; anything else behind the last dot belongs to the release. */
const architectures = new Set(
  (
    'noarch src nosrc x86_64 x86_64_v2 i386 i486 i586 i686 athlon geode amd64 ia32e ia64 ' +
    'aarch64 armv5tel armv6l armv6hl armv7l armv7hl armv7hnl arm64 ppc ppc64 ppc64p7 ppc64le ppc64iseries ppc64pseries ' +
    's390 s390x riscv64 loongarch64 sparc sparc64 sparcv9 alpha mips mipsel mips64 mips64el'
  ).split(' '),
);

/** Reads a NEVRA from its end, since names hold dashes and dots; undefined where it has no name or no valid EVR. */
export function parseRpmNevra(text: string): RpmNevra | undefined {
  const dot = text.lastIndexOf('.');
  const suffix = text.slice(dot + 1);
  const hasArch = dot > 0 && architectures.has(suffix);
  const nevr = hasArch ? text.slice(0, dot) : text;
  const releaseDash = nevr.lastIndexOf('-');
  const versionDash = nevr.lastIndexOf('-', releaseDash - 1);
  if (versionDash <= 0) return undefined;
  const evr = parseRpmEvr(nevr.slice(versionDash + 1));
  if (evr?.release === undefined) return undefined;
  return {
    name: nevr.slice(0, versionDash),
    epoch: evr.epoch,
    version: evr.version,
    release: evr.release,
    arch: hasArch ? suffix : '',
  };
}
