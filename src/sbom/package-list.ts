import { foreignNotes } from '../distros/databases.ts';
import { parseAssignments } from '../files/shell-assignments.ts';
import { known } from '../io/json-parts.ts';
import { ScapfeedError } from '../model/error.ts';
import {
  halfInstalledNote,
  type InstalledPackage,
  type InventoryNote,
  type OsRelease,
} from '../model/inventory/index.ts';
import { maxComponents } from './component-list.ts';
import type { OwnInventory } from './document.ts';
import { isOfNoPackage, type ListForm, listForms, type PackageLine } from './list-forms.ts';
import { releaseNamed } from './release.ts';

/** os-release(5) before a list: the lines of one file. */
const assignment = /^[A-Z][A-Z0-9_]*=/;

/** Lines of a list at most, with blank ones: a table has some of packages that are not installed. */
const maxLines = 2 * maxComponents;

/** No package has a longer line, with its description. */
const maxLineBytes = 1 << 16;

/** Whether the bytes begin as a package manager's list. */
export function isPackageList(bytes: Buffer): boolean {
  // A list has one of its lines in the first bytes, after os-release and the head of `dpkg -l`.
  const head = contentLines(bytes.subarray(0, 8192), '').slice(0, 60);
  const first = head.find(({ line }) => !assignment.test(line));
  return first !== undefined && formOf(first.line) !== undefined;
}

/**
 * Reads what `dpkg -l`, `dpkg-query -W`, `rpm -qa`, `apk info -v` or `apk list -I` wrote, with the lines of os-release before it or
 * without. Sources, epochs and signatures that the list does not state stay unknown.
 * @throws {ScapfeedError} SBOM_MALFORMED, IMAGE_LIMIT_EXCEEDED
 */
export function readPackageList(bytes: Buffer, where: string): OwnInventory {
  const lines = contentLines(bytes, where);
  const start = lines.findIndex(({ line }) => !assignment.test(line));
  const form = formOf(lines[start]!.line)!;
  const read = lines.slice(start).flatMap(({ line, number }) => {
    const found = form.read(line);
    if (found === undefined) throw otherLine(line, form, `${where}:${number}`);
    return found === 'no package' ? [] : [found];
  });
  if (read.length > maxComponents) throw tooMany(`${maxComponents} packages`, where);
  form.check?.(lines.slice(start), where);
  const lacksEpochs = form.type === 'rpm' && !read.some(({ version }) => version.includes(':'));
  if (lacksEpochs && read.some(({ source }) => source !== undefined)) throw withoutEpochs(where);
  const packages: InstalledPackage[] = [];
  const halfInstalled: InstalledPackage[] = [];
  for (const line of read) (line.isHalf ? halfInstalled : packages).push(packageOf(line, form, where));
  requireOneSystem(packages, form, where);
  const os = releaseIn(lines.slice(0, start), where);
  return {
    format: form.name,
    inventory: {
      os,
      databases: [{ kind: 'sbom', path: where, packages: packages.length }],
      packages,
      notes: [
        ...unstatedNotes(packages, form, where),
        ...halfInstalled.map(({ name, version }) => ({
          code: halfInstalledNote,
          where,
          detail: `${name} ${version}`,
        })),
        ...foreignNotes({ os, packages }),
      ],
      ...(halfInstalled.length > 0 ? { halfInstalled } : {}),
    },
    subject: {},
    layers: [],
  };
}

interface ListLine {
  line: string;
  /** From 1. */
  number: number;
}

/** Lines one after the other: a text of line breaks alone would be a list of hundreds of millions. */
function contentLines(bytes: Buffer, where: string): ListLine[] {
  const lines: ListLine[] = [];
  const bom = bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  for (let start = bom, number = 1; start < bytes.length; number += 1) {
    if (number > maxLines) throw tooMany(`${maxLines} lines`, where);
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    if (end - start > maxLineBytes) throw tooLong(`${where}:${number}`);
    const line = bytes.toString('utf8', start, end).trimEnd();
    start = end + 1;
    // The line above the states, in the language of the system: `Gewünscht=Unbekannt/Installieren/…`.
    const above = line.startsWith('| ') ? lines.at(-1) : undefined;
    if (above?.number === number - 1 && above.line.includes('=') && !formOf(above.line)) lines.pop();
    if (line !== '' && !isOfNoPackage(line)) lines.push({ line, number });
  }
  return lines;
}

const byteOrderMark = Buffer.from('\uFEFF');
const lineFeed = 10;

function formOf(line: string): ListForm | undefined {
  return listForms.find((form) => form.read(line) !== undefined);
}

function releaseIn(lines: readonly ListLine[], where: string): OsRelease | null {
  const fields = parseAssignments(lines.map(({ line }) => line).join('\n'));
  const name = fields.get('ID');
  if (!name) return null;
  return releaseNamed({
    name,
    ...known({
      version: fields.get('VERSION_ID'),
      codename: fields.get('VERSION_CODENAME') || undefined,
      prettyName: fields.get('PRETTY_NAME'),
      cpe: fields.get('CPE_NAME'),
    }),
    found: `${where}#os-release`,
  });
}

function packageOf(
  { name, version, arch, source, state, vendor, modularityLabel }: PackageLine,
  { type }: ListForm,
  where: string,
): InstalledPackage {
  const signature = type === 'rpm' ? (['signature'] as const) : [];
  const unstated = [...(source ? [] : (['source'] as const)), ...signature];
  return {
    type,
    name,
    version: type === 'deb' ? version : version.replace(/^0:/, ''),
    arch,
    source: source ?? { name, version },
    database: where,
    ...known({ state, vendor, modularityLabel, module: modularityLabel?.split(':', 2).join(':') }),
    ...(unstated.length > 0 ? { unstated } : {}),
  };
}

/** Code of the note about a list that leaves out what statements are about. */
const sourcesNote = 'list_without_sources';

function unstatedNotes(
  packages: readonly InstalledPackage[],
  { whole }: ListForm,
  where: string,
): InventoryNote[] {
  const count = packages.filter(({ unstated }) => unstated?.includes('source')).length;
  if (count === 0) return [];
  return [
    {
      code: sourcesNote,
      where,
      detail: `the sources of ${count} packages are not in it: write \`${whole}\``,
    },
  ];
}

function otherLine(line: string, { name, whole }: ListForm, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: `expected a line of ${name}, found ${JSON.stringify(line.slice(0, 60))}`,
    where,
    remedy: `remove what is not of the list, or write it with \`${whole}\``,
  });
}

function withoutEpochs(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: 'expected epochs beside the versions, found none in the whole list: they may be left out',
    where,
    remedy: `write it with \`${listForms.find(({ type }) => type === 'rpm')!.whole}\``,
  });
}

function tooMany(what: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_LIMIT_EXCEEDED',
    message: `expected at most ${what}, found more`,
    where,
    remedy: 'split the list, one for each system',
  });
}

function tooLong(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_LIMIT_EXCEEDED',
    message: `expected a line of at most ${maxLineBytes} bytes, found a longer one`,
    where,
    remedy: 'write the list again, a line for each package',
  });
}

/** A system has one version of a package of apk or dpkg, so another one is of another system. */
function requireOneSystem(packages: readonly InstalledPackage[], { type }: ListForm, where: string): void {
  if (type === 'rpm') return;
  const versions = new Map<string, string>();
  for (const { name, arch, version } of packages) {
    const key = `${name} ${arch}`;
    const other = versions.get(key);
    if (other !== undefined && other !== version)
      throw new ScapfeedError({
        code: 'SBOM_MALFORMED',
        message: `expected the list of one system, found ${name} as ${other} and as ${version}`,
        where,
        remedy: 'scan the list of each system by itself',
      });
    versions.set(key, version);
  }
}
