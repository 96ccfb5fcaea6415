import type { ReleaseFile } from '../distros/contract.ts';
import { imageReaders } from '../distros/images.ts';
import { parseAssignments } from '../files/shell-assignments.ts';
import { optional, readText } from '../files/text.ts';
import type { FileView, OsRelease } from '../model/inventory/index.ts';

/** Release files of distributions without a feed. They are recognised so that they are not taken for another. */
const others: readonly ReleaseFile[] = [
  { path: '/etc/devuan_version', parse: (text) => versionOnly('devuan', text) },
  { path: '/etc/gentoo-release', parse: (text) => versionOnly('gentoo', text) },
  { path: '/etc/slackware-version', parse: (text) => versionOnly('slackware', text) },
  { path: '/etc/arch-release', parse: () => ({ id: 'arch' }) },
];

/** Release files from before os-release, the most specific first. */
function releaseFiles(): ReleaseFile[] {
  const own = imageReaders.flatMap(({ release }) => release?.files ?? []);
  return [
    { path: '/etc/lsb-release', parse: parseLsbRelease },
    ...own.filter(({ inDerivatives }) => !inDerivatives),
    ...others,
    ...own.filter(({ inDerivatives }) => inDerivatives),
  ];
}

export function releaseFilePaths(): string[] {
  return releaseFiles().map(({ path }) => path);
}

/** The release by the first of the older files that names one; undefined: none does. */
export function readReleaseFile(files: FileView): OsRelease | undefined {
  for (const { path, parse } of releaseFiles()) {
    const text = readText(files, path);
    const os = text === undefined ? undefined : parse(text);
    if (os) return { ...os, found: path };
  }
  return undefined;
}

function parseLsbRelease(text: string): Omit<OsRelease, 'found'> | undefined {
  const fields = parseAssignments(text);
  const id = fields.get('DISTRIB_ID')?.toLowerCase();
  if (!id) return undefined;
  const description = fields.get('DISTRIB_DESCRIPTION');
  const pointRelease = description === undefined ? undefined : /(?<!\d)\d+\.\d+\.\d+/.exec(description)?.[0];
  return {
    id,
    ...optional('versionId', fields.get('DISTRIB_RELEASE')),
    ...optional('codename', fields.get('DISTRIB_CODENAME')),
    ...optional('prettyName', description),
    ...optional('pointRelease', pointRelease),
  };
}

function versionOnly(id: string, text: string): Omit<OsRelease, 'found'> {
  return { id, ...optional('versionId', /\d[\w.]*/.exec(text)?.[0]) };
}
