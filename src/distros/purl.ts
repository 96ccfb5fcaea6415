import { judges } from './judges.ts';

/** Distributions without a feed whose images can be listed, by ID of os-release. */
const others: Readonly<Record<string, string>> = { sles: 'suse', 'opensuse-leap': 'opensuse' };

/** Vendor's name in package URLs (purl specification, types deb and rpm); the ID of os-release where it is the same. */
export function purlNamespace(osId: string): string {
  return judges.find(({ id }) => id === osId)?.purl ?? others[osId] ?? osId;
}
