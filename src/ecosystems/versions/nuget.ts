import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareLists, compareText } from './order.ts';

interface NugetVersion {
  numbers: readonly string[];
  prerelease: readonly string[];
}

const form = /^\s*v?(\d{1,256}(?:\.\d{1,256}){0,3})(?:-([0-9a-z-]+(?:\.[0-9a-z-]+)*))?(?:\+[0-9a-z.-]*)?\s*$/;

/** NuGet: up to four numbers, of which missing ones are 0; prereleases in any case of letters. */
export const nuget: VersionOrder<NugetVersion> = bounded({
  read(text) {
    const [, numbers, prerelease] = form.exec(text.toLowerCase()) ?? [];
    if (numbers === undefined) return undefined;
    return { numbers: numbers.split('.'), prerelease: prerelease?.split('.') ?? [] };
  },
  compare(a, b) {
    const numbers = compareLists(a.numbers, b.numbers, compareDigits, (rest) => compareDigits(rest, '0'));
    if (numbers !== 0) return numbers;
    if (a.prerelease.length === 0 || b.prerelease.length === 0)
      return Number(a.prerelease.length === 0) - Number(b.prerelease.length === 0);
    return compareLists(a.prerelease, b.prerelease, compareIdentifiers, () => 1);
  },
});

function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return compareDigits(a, b);
  return Number(isOther) - Number(isNumber) || compareText(a, b);
}
