import { ScapfeedError } from '../../model/error.ts';

/** The platform of an image, as in an OCI index. */
export interface ImagePlatform {
  os: string;
  architecture: string;
  variant?: string;
}

/** The default: the same on every machine, so that a result does not depend on the machine. */
export const defaultPlatform: ImagePlatform = { os: 'linux', architecture: 'amd64' };

/** Other names of architectures: of the kernel and of Debian. */
const architectureNames: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  i386: '386',
  i686: '386',
  aarch64: 'arm64',
  armhf: 'arm',
  ppc64el: 'ppc64le',
};

/** `os/architecture[/variant]`. Errors: USAGE. */
export function parsePlatform(text: string): ImagePlatform {
  const [os = '', architecture = '', variant, ...more] = text.split('/');
  if (os === '' || architecture === '' || more.length > 0) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `expected a platform os/architecture[/variant], found ${JSON.stringify(text)}`,
      where: '--platform',
      remedy: 'use for example linux/arm64 or linux/arm/v7',
    });
  }
  const known = architectureNames[architecture] ?? architecture;
  return variant === undefined ? { os, architecture: known } : { os, architecture: known, variant };
}

export function platformText({ os, architecture, variant }: ImagePlatform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Default variants of architectures (containerd's rules). */
const impliedVariants: Readonly<Record<string, string>> = { arm64: 'v8', arm: 'v7', amd64: 'v1' };

/** True if an image of platform `have` matches `want`; without a wanted variant any matches. */
export function platformMatches(have: ImagePlatform, want: ImagePlatform): boolean {
  if (have.os !== want.os || have.architecture !== want.architecture) return false;
  return want.variant === undefined || variantOf(have) === want.variant;
}

/** True for the default variant, which is preferred to others. */
export function isDefaultVariant(platform: ImagePlatform): boolean {
  return variantOf(platform) === (impliedVariants[platform.architecture] ?? '');
}

function variantOf({ architecture, variant }: ImagePlatform): string {
  return variant ?? impliedVariants[architecture] ?? '';
}
