import { foreignNotes } from '../distros/databases.ts';
import { parseAssignments } from '../files/shell-assignments.ts';
import { known } from '../io/json-parts.ts';
import {
  halfInstalledNote,
  type InstalledPackage,
  type InventoryNote,
  type OsRelease,
  ScapfeedError,
} from '../model/index.ts';
import { maxComponents } from './component-list.ts';
import type { OwnInventory } from './document.ts';
import { isOfNoPackage, type ListForm, listForms, type PackageLine } from './list-forms.ts';
import { releaseNamed } from './release.ts';

/** os-release(5) before a list: the lines of one file. */
const assignment = /^[A-Z][A-Z0-9_]*=/;

/** The text of a package manager's list; undefined: it begins as none. */
export function packageListIn(bytes: Buffer): string | undefined {
  // A list has one of its lines in the first bytes, after os-release and the head of `dpkg -l`.
  const head = contentLines(bytes.toString('utf8', 0, 8192)).slice(0, 60);
  const first = head.find(({ line }) => !assignment.test(line));
  return first && formOf(first.line) ? bytes.toString('utf8') : undefined;
}

/**
 * Reads what `dpkg -l`, `dpkg-query -W`, `rpm -qa`, `apk info -v` or `apk list -I` wrote, with the lines of os-release before it or
 * without. Sources, epochs and signatures that the list does not state stay unknown.
 * @throws {ScapfeedError} SBOM_MALFORMED, IMAGE_LIMIT_EXCEEDED
 */
export function readPackageList(text: string, where: string): OwnInventory {
  const lines = contentLines(text);
  const start = lines.findIndex(({ line }) => !assignment.test(line));
  const form = formOf(lines[start]!.line)!;
  const read = lines.slice(start).flatMap(({ line, number }) => {
    const found = form.read(line);
    if (found === undefined) throw otherLine(line, form, `${where}:${number}`);
    return found === 'no package' ? [] : [found];
  });
  if (read.length > maxComponents) throw tooMany(where);
  form.check?.(lines.slice(start), where);
  const lacksEpochs = form.type === 'rpm' && !read.some(({ version }) => version.includes(':'));
  if (lacksEpochs && read.some(({ source }) => source !== undefined)) throw withoutEpochs(where);
  const packages: InstalledPackage[] = [];
  const halfInstalled: InstalledPackage[] = [];
  for (const line of read) (line.isHalf ? halfInstalled : packages).push(packageOf(line, form, where));
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

function contentLines(text: string): ListLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, at) => ({ line: line.trimEnd(), number: at + 1 }))
    .filter(({ line }) => line !== '' && !isOfNoPackage(line));
}

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

function tooMany(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_LIMIT_EXCEEDED',
    message: `expected at most ${maxComponents} packages, found more`,
    where,
    remedy: 'split the list, one for each system',
  });
}
