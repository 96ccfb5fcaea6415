import type { RecordSubject, UnreadRecord } from '../../model/feed/index.ts';
import type { EvidenceDocument } from '../../sources/contract.ts';
import type { Download } from '../../sources/download.ts';
import type { Erratum, ErratumPackage } from '../../sources/errata/erratum.ts';
import { cveId } from '../../sources/errata/statements.ts';
import { definitionText } from '../../sources/oval/definition-text.ts';
import { type OvalPatch, readPatches } from '../../sources/oval/read-patches.ts';
import type { OvalRow } from '../../sources/oval/rows.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { Rebuild } from '../rebuilds.ts';
import { flavourOf } from '../shared/rule/flavour.ts';
import { type AdvisoryForm, advisoryForm, type RebuildData, type RebuildRelease } from './definition.ts';

/** Compressed; that of AlmaLinux 8 has some 2 MB. */
const maxOvalBytes = 2 ** 28;

/** Between the rebuild's id and the release in the id of an input. */
const ovalPart = '-oval-';

export function isOval({ source, id }: Pick<SourceInput, 'source' | 'id'>): boolean {
  return id.startsWith(source + ovalPart);
}

/** The vendor's own OVAL of a release. Undefined: there is none. */
export function ovalInput(
  { major }: RebuildRelease,
  { rebuild, definition }: RebuildData<{ oval?: string }>,
): Download | undefined {
  if (rebuild.oval === undefined || definition.oval === undefined) return undefined;
  const file = rebuild.oval.file.replace('{release}', major).replace('{major}', majorOf(major));
  return {
    source: rebuild.id,
    id: `${rebuild.id}${ovalPart}${major}`,
    url: `${definition.oval}/${file}`,
    kind: file.endsWith('.xml') ? 'xml' : 'packed',
    maxBytes: maxOvalBytes,
  };
}

/** `3` of `3.0`: OVAL asks for majors. */
function majorOf(release: string): string {
  return release.split('.')[0]!;
}

/** A package; `{}`: nobody knows which. */
export type OvalSubject = Pick<RecordSubject, 'package'>;

/** The finding of a definition that no row can say, or not all of it. */
export const notUnderstood = 'oval_not_understood';

export interface OvalErratum extends Erratum {
  /** `INPUT#DEFINITION` */
  place: string;
  /** Parts of the definition that no row of the release can say. */
  unexpressed: readonly string[];
  /** Packages for which the definition has criteria that were not understood. */
  unread: readonly OvalSubject[];
  record: UnreadRecord;
  /** Rows whose EVR begins with a package name (`VendorOval.namedBuilds`). */
  named: number;
  /** Builds that are of other releases. */
  elsewhere: number;
}

/** Reader options for a vendor's definitions. */
export interface PatchForm extends AdvisoryForm, Pick<Rebuild, 'flavours'> {
  /** Of the definitions that are read. */
  class: 'patch' | 'vulnerability';
  /** See VendorOval. */
  namedBuilds: boolean;
}

export function patchForm(rebuild: Rebuild): PatchForm {
  const { oval, flavours } = rebuild;
  return {
    ...advisoryForm(rebuild),
    class: oval?.flaws ? 'vulnerability' : 'patch',
    namedBuilds: oval?.namedBuilds === true,
    ...(flavours && { flavours }),
  };
}

/** A definition as an erratum of a release, with the id '' or `undefined` if it belongs to no advisory (`advisoryOf`). */
export function erratumOf(
  patch: OvalPatch,
  place: string,
  major: string,
  form: PatchForm,
): OvalErratum | undefined {
  const advisory = advisoryOf(patch, form);
  if (advisory === undefined) return undefined;
  const { id, title, description, severity, issued, cves } = patch;
  const date = Date.parse(issued ?? '');
  // `ALSA`, `ELSA` are of security, `ALBA` is a bug fix, `ALEA` an enhancement.
  const security = advisory.id === '' || /^..S/.test(advisory.id);
  // A row without a test of the release is of that in the number of the advisory's page, if it has one.
  const [, paged] = (form.address && /-(\d+)\.\d/.exec(advisory.id)) ?? [];
  const isOwn = ({ release = paged }: OvalRow) => release === undefined || release === majorOf(major);
  const isOdd = (row: OvalRow) => limitOf(row, form) !== undefined;
  const own = patch.rows.filter(isOwn);
  const [odd, plain] = [own.filter(isOdd), own.filter((row) => !isOdd(row))];
  const unexpressed = [...patch.faults, ...odd.flatMap((row) => limitOf(row, form) ?? [])];
  const names = [...new Set([...patch.unread, ...odd.map(({ name }) => name)])];
  return {
    id: advisory.id,
    security,
    type: security ? 'security' : 'other',
    severity,
    title: title.startsWith(`${advisory.id}:`) ? title.slice(advisory.id.length + 1).trim() : title,
    description,
    issued: Number.isNaN(date) ? undefined : date / 1000,
    page: advisory.url === '' ? undefined : advisory.url,
    cves,
    modules: [],
    packages: plain.flatMap((row) => buildsOf(row, id, form)),
    faults: [],
    place,
    unexpressed,
    unread: unexpressed.length > 0 ? subjectsOf(names) : [],
    named: plain.filter((row) => row.named !== undefined).length,
    record: { reason: notUnderstood, where: place, ...(unexpressed[0] && { detail: unexpressed[0] }) },
    elsewhere: patch.rows.filter((row) => !isOwn(row)).flatMap((row) => buildsOf(row, id, form)).length,
  };
}

function buildsOf(
  { name, below, arch = ['noarch'], module }: OvalRow,
  pointer: string,
  { flavours }: PatchForm,
): ErratumPackage[] {
  const flavour = flavourOf(below, flavours);
  return arch.map((of) => ({ name, evr: below, arch: of, module, pointer, ...(flavour && { flavour }) }));
}

/** Why the row of a patch is none; undefined: it is one. */
function limitOf(row: OvalRow, form: PatchForm): string | undefined {
  const { name, below, including, above, build, named } = row;
  if (!isOfItsFlavour(row, form)) return `${name} of builds that match ${build}`;
  if (including) return `${name} up to and including ${below}`;
  if (above !== undefined) return `${name} above ${above}`;
  return named === undefined || form.namedBuilds ? undefined : `${name} below ${named}-${below}`;
}

/** A pattern of builds must be that of the flavour of the fixed one: then the rule for flavours says the same. */
function isOfItsFlavour({ below, build }: OvalRow, { flavours }: PatchForm): boolean {
  const flavour = flavourOf(below, flavours);
  return build === undefined || (flavour !== undefined && build.includes(flavour));
}

export function subjectsOf(names: readonly string[]): OvalSubject[] {
  return names.length === 0 ? [{}] : names.map((name) => ({ package: name }));
}

/** The packages that a definition is about, understood or not. */
export function namesOf({ rows, unread }: OvalPatch): string[] {
  return [...new Set([...rows.map(({ name }) => name), ...unread])];
}

/**
 * The advisory of a definition. Undefined: it refers to none. Where ids are in addresses only, a definition without one
 * is of an advisory without an id, ''.
 */
export function advisoryOf(
  { references }: OvalPatch,
  { word, id: form, address }: AdvisoryForm,
): { id: string; url: string } | undefined {
  const own = references.filter(({ source }) => word.test(source.toUpperCase()));
  if (address === undefined) return own.find(({ id }) => form.test(id));
  for (const { source, url } of own) {
    const [, number] = address.exec(url) ?? [];
    if (number !== undefined) return { id: `${source}-${number}`, url };
  }
  return { id: '', url: '' };
}

/** Whether a definition names a vulnerability, and no one knows only where. */
export function isFlawed({ cves }: OvalPatch): boolean {
  return cves.length > 0 && cves.every((id) => cveId.test(id));
}

/** Whether anything of a definition is used. */
export function isUnderstood(patch: OvalPatch, form: PatchForm): boolean {
  const isNamed = form.class === 'patch' ? advisoryOf(patch, form) !== undefined : isFlawed(patch);
  return patch.rows.length > 0 && isNamed;
}

/** The newest of dates and those of a definition. */
export function newestOf(newest: string | undefined, { issued, updated }: OvalPatch): string | undefined {
  return [newest, issued, updated].reduce((a, b) => ((b ?? '') > (a ?? '') ? b : a));
}

/** Where definitions have no ids of advisories, an advisory has several: a statement is of the one with its package and flaw. */
export const partPointer = '{advisory}/{package}/{vulnerability}';

/** The first definition that `partPointer` names, as the vendor wrote it. */
export async function partEvidence(
  rebuild: Rebuild,
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const form = patchForm(rebuild);
  const [advisory, name, vulnerability = ''] = pointer.split('/');
  for (const patch of await readPatches(store.open(input), store.path(input), form.class)) {
    const isNamed = vulnerability === advisory || patch.cves.includes(vulnerability);
    const isPart = isNamed && patch.rows.some((row) => row.name === name);
    if (!isPart || advisoryOf(patch, form)?.id !== advisory) continue;
    const bytes = await definitionText(store.open(input), store.path(input), 'definition', patch.id);
    return bytes && { place: `${input.url}#${patch.id}`, bytes, pointer: '' };
  }
  return undefined;
}

/** The definition of an advisory, as the vendor wrote it. */
export async function patchEvidence(
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const definition = await definitionText(store.open(input), store.path(input), 'advisory', pointer);
  return definition && { place: `${input.url}#${pointer}`, bytes: definition, pointer: '' };
}
