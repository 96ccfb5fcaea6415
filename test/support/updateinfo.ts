import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { repomdText } from './repodata.ts';

/** An update in short: packages as `name-[epoch:]version-release.arch`. */
export interface MadeUpdate {
  id: string;
  cves?: readonly string[];
  packages: readonly string[];
  severity?: string;
  type?: string;
  issued?: string;
  collection?: string;
  description?: string;
  /** Put before the end of the element. */
  more?: string;
}

export function updateElement({
  id,
  cves = [],
  packages,
  severity = 'important',
  type = 'security',
  issued = '2026-09-21 14:13:00',
  collection = 'a-release',
  description = 'CVE-2026-1:\n\tA flaw.\n',
  more = '',
}: MadeUpdate): string {
  const references = cves.map(
    (cve) => `<reference href="http://example.test/${cve}" title="" id="${cve}" type="cve" />`,
  );
  return `<update status="final" version="1.4" author="a@example.test" type="${type}" from="a@example.test"><id>${id}</id><title>${id}: update &amp; more</title><issued date="${issued}" /><updated date="${issued}" /><severity>${severity}</severity><description>${description}</description><references>${references.join('')}</references><pkglist><collection short="${collection}"><name>A release</name>${packages.map(packageElement).join('')}</collection></pkglist>${more}</update>`;
}

export function packageElement(nevra: string): string {
  const [, name, epoch = '0', version, release, arch] =
    /^(.+)-(?:(\d+):)?([^-:]+)-([^-]+)\.([^.]+)$/.exec(nevra) ?? [];
  return `<package name="${name}" version="${version}" release="${release}" epoch="${epoch}" arch="${arch}"><filename>Packages/${name}-${version}-${release}.${arch}.rpm</filename></package>`;
}

export function updatesText(updates: readonly (MadeUpdate | string)[]): string {
  const elements = updates.map((each) => (typeof each === 'string' ? each : updateElement(each)));
  return `<?xml version="1.0" ?>\n<updates>${elements.join('')}</updates>\n`;
}

/** Files of a channel by their addresses without scheme: list of mirrors, repomd.xml and updateinfo. `undefined`: no updateinfo. */
export function channelFiles(
  mirrors: string,
  base: string,
  updates: readonly (MadeUpdate | string)[] | string | undefined,
): Record<string, string | Buffer> {
  const files: Record<string, string | Buffer> = { [mirrors]: `https://${base}\n` };
  if (updates === undefined) return { ...files, [`${base}/repodata/repomd.xml`]: repomdText() };
  const list = gzipSync(typeof updates === 'string' ? updates : updatesText(updates));
  const href = 'repodata/updateinfo.xml.gz';
  const digest = createHash('sha256').update(list).digest('hex');
  const repomd = repomdText({ href, digest, size: list.length }).replace(
    'data type="primary"',
    'data type="updateinfo"',
  );
  return { ...files, [`${base}/repodata/repomd.xml`]: repomd, [`${base}/${href}`]: list };
}
