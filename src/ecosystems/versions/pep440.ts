import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareLists, compareText } from './order.ts';

interface PythonVersion {
  epoch: string;
  release: readonly string[];
  /** `a`, `b` or `rc`, and its number. */
  pre?: readonly [phase: string, number: string];
  post?: string;
  dev?: string;
  local: readonly string[];
}

const form = new RegExp(
  [
    String.raw`^\s*v?(?:(\d{1,256})!)?(\d{1,256}(?:\.\d{1,256})*)`,
    String.raw`(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d{0,256}))?`,
    String.raw`(?:-(\d{1,256})|[-_.]?(post|rev|r)[-_.]?(\d{0,256}))?`,
    String.raw`(?:[-_.]?(dev)[-_.]?(\d{0,256}))?`,
    String.raw`(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$`,
  ].join(''),
  'i',
);

const phases: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

/** PEP 440, https://packaging.python.org/en/latest/specifications/version-specifiers/ */
export const pep440: VersionOrder<PythonVersion> = bounded({
  read(text) {
    const match = form.exec(text);
    if (!match) return undefined;
    const [, epoch = '0', release = '', pre, preNumber, dashed, post, postNumber, dev, devNumber, local] =
      match;
    const phase = pre?.toLowerCase();
    return {
      epoch,
      release: release.split('.'),
      ...(phase !== undefined && { pre: [phases[phase] ?? phase, preNumber || '0'] as const }),
      ...((dashed ?? post) !== undefined && { post: (dashed ?? postNumber) || '0' }),
      ...(dev !== undefined && { dev: devNumber || '0' }),
      local: local?.toLowerCase().split(/[-_.]/) ?? [],
    };
  },
  compare(a, b) {
    return (
      compareDigits(a.epoch, b.epoch) ||
      compareLists(a.release, b.release, compareDigits, (rest) => compareDigits(rest, '0')) ||
      rank(a) - rank(b) ||
      compareText(a.pre?.[0] ?? '', b.pre?.[0] ?? '') ||
      compareDigits(a.pre?.[1] ?? '', b.pre?.[1] ?? '') ||
      compareOptional(a.post, b.post, -1) ||
      compareOptional(a.dev, b.dev, 1) ||
      compareLists(a.local, b.local, compareLocal, () => 1)
    );
  },
});

/** A development release of the release itself is below its prereleases. */
function rank({ pre, post, dev }: PythonVersion): number {
  if (pre) return 1;
  return post === undefined && dev !== undefined ? 0 : 2;
}

/** `absent`: where a version without the part is, below (-1) or above (1) those with it. */
function compareOptional(a: string | undefined, b: string | undefined, absent: 1 | -1): number {
  if (a !== undefined && b !== undefined) return compareDigits(a, b);
  return absent * (Number(a === undefined) - Number(b === undefined));
}

function compareLocal(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return compareDigits(a, b);
  return Number(isNumber) - Number(isOther) || compareText(a, b);
}
