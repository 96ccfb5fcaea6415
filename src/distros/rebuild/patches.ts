import type { RecordSubject, UnreadRecord } from '../../model/index.ts';
import type { EvidenceDocument } from '../../sources/contract.ts';
import type { Download } from '../../sources/download.ts';
import type { Erratum, ErratumPackage } from '../../sources/errata/erratum.ts';
import { cveId } from '../../sources/errata/statements.ts';
import { definitionText } from '../../sources/oval/definition-text.ts';
import type { OvalPatch } from '../../sources/oval/read-patches.ts';
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
  const file = rebuild.oval.file.replace('{release}', major);
  return {
    source: rebuild.id,
    id: `${rebuild.id}${ovalPart}${major}`,
    url: `${definition.oval}/${file}`,
    kind: file.endsWith('.xml') ? 'xml' : 'packed',
    maxBytes: maxOvalBytes,
  };
}

/** A package; `{}`: nobody knows which. */
export type OvalSubject = Pick<RecordSubject, 'package'>;

/** The finding of a definition that no row can say, or not all of it. */
export const notUnderstood = 'oval_not_understood';

export interface OvalErratum extends Erratum {
  /** `INPUT#DEFINITION` */
  place: string;
  /** Parts of the definition that no row of the release can say. */
  unsaid: readonly string[];
  /** Packages for which the definition has criteria that were not understood. */
  unread: readonly OvalSubject[];
  record: UnreadRecord;
  /** Builds that are of other releases. */
  elsewhere: number;
}

/** Reader options for a vendor's definitions. */
export interface PatchForm extends AdvisoryForm, Pick<Rebuild, 'flavours'> {
  /** Of the definitions that are read. */
  class: 'patch' | 'vulnerability';
}

export function patchForm(rebuild: Rebuild): PatchForm {
  const { oval, flavours } = rebuild;
  return {
    ...advisoryForm(rebuild),
    class: oval?.flaws ? 'vulnerability' : 'patch',
    ...(flavours && { flavours }),
  };
}

/** A definition as an erratum of a release, or `undefined` if it belongs to no advisory. */
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
  const security = /^..S/.test(advisory.id);
  const own = patch.rows.filter(({ release = major }) => release === major);
  const odd = own.filter((row) => !isOfItsFlavour(row, form) || row.including || row.above !== undefined);
  const unsaid = [...patch.faults, ...odd.map(limitOf)];
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
    packages: own.filter((row) => !odd.includes(row)).flatMap((row) => buildsOf(row, id, form)),
    faults: [],
    place,
    unsaid,
    unread: unsaid.length > 0 ? subjectsOf(names) : [],
    record: { reason: notUnderstood, where: place, ...(unsaid[0] && { detail: unsaid[0] }) },
    elsewhere: patch.rows.filter((row) => !own.includes(row)).flatMap((row) => buildsOf(row, id, form))
      .length,
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

function limitOf({ name, below, including, above, build }: OvalRow): string {
  if (build !== undefined) return `${name} of builds that match ${build}`;
  return including ? `${name} up to and including ${below}` : `${name} above ${above}`;
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

/** The advisory of a definition. Undefined: it refers to none. */
export function advisoryOf(
  { references }: OvalPatch,
  form: AdvisoryForm,
): OvalPatch['references'][number] | undefined {
  return references.find(({ id, source }) => form.word.test(source.toUpperCase()) && form.id.test(id));
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

/** The definition of an advisory, as the vendor wrote it. */
export async function patchEvidence(
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const definition = await definitionText(store.open(input), store.path(input), 'advisory', pointer);
  return definition && { place: `${input.url}#${pointer}`, bytes: definition, pointer: '' };
}
