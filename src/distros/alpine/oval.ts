import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import { escapePattern } from '../../oval/forms/dpkg-patterns.ts';
import { apkFixedForm } from '../shared/oval/apk-form.ts';
import { alpinePages } from './rule.ts';

/** Alpine says nothing of flaws without a fix, so there is one file. */
export const alpineOval: DistroOval = {
  id: 'alpine',
  forms: (context) => {
    context.inexact.general(
      'other_origin',
      'A package that Root.io or Seal built is compared like any other; the index sets it apart.',
      ['oval'],
    );
    return [apkFixedForm(context, versionIdOf(context.index.platform.os.version!))];
  },
  cpe: ({ os: { version } }) =>
    version === 'edge'
      ? 'cpe:/o:alpinelinux:alpine_linux:edge'
      : `cpe:/o:alpinelinux:alpine_linux:${version}`,
  pages: alpinePages,
};

function versionIdOf(version: string): string {
  return version === 'edge' ? '[0-9.]+_alpha[0-9]*' : String.raw`${escapePattern(version)}(?:\.[0-9.]+)?`;
}
