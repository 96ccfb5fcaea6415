import type { VersionOrder } from '../../packaging/order.ts';
import { bounded, compareDigits, compareLists } from './order.ts';
import { comparePrereleases } from './semver.ts';

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
    return comparePrereleases(a.prerelease, b.prerelease);
  },
});
