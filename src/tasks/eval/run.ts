import { openSync } from 'node:fs';
import { basename } from 'node:path';
import type { OvalContent } from '../../comply/eval/content.ts';
import type { Evaluated, EvaluationSettings } from '../../comply/eval/evaluate.ts';
import { evaluateLean } from '../../comply/eval/lean.ts';
import { type CompiledOval, isCompiledOval, loadCompiledOval } from '../../comply/eval/load-compiled.ts';
import type { ExternalVariables } from '../../comply/oval/model.ts';
import type { ImageSystem } from '../../comply/probes/probe.ts';
import { FileAccess } from '../../image/view/file-access.ts';
import { readInventory } from '../../inventory/index.ts';
import { finish } from '../../io/cancellation.ts';
import { sizeOfContent } from '../../io/read-at-most.ts';
import type { OvalEvaluation, OvalResultsData } from '../../model/compliance/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Image, Inventory, InventoryNote } from '../../model/inventory/index.ts';
import { nearest } from '../../model/nearest.ts';
import { requireDatabase } from '../../runtime/package-databases.ts';
import { sbomFile } from '../image/sbom-subject.ts';
import { systemOf } from '../image/system.ts';
import { toolVersion } from '../tool-version.ts';

/**
 * Opens compiled OVAL, which is read in pieces while it is evaluated, or a document. `onDocument`: called before a document in
 * XML is read, which takes longer.
 */
export async function openOval(
  path: string,
  external: ExternalVariables | undefined,
  onDocument: () => void = () => undefined,
): Promise<OvalContent | CompiledOval> {
  const file = openPieces(path);
  if (isCompiledOval(file)) return loadCompiledOval(file, path);
  file.close();
  onDocument();
  const { readContentBytes } = await import('../content/bytes.ts');
  const bytes = await readContentBytes(path);
  const { readOvalContent } = await compliance();
  return readOvalContent(bytes, { name: basename(path), where: path }, external);
}

/** All of it, which a run on compiled content needs little of. */
function compliance(): Promise<typeof import('../../comply/index.ts')> {
  return import('../../comply/index.ts');
}

export interface OvalSettings extends Pick<EvaluationSettings, 'definitions' | 'classes' | 'external'> {
  all: boolean;
  /** Reports show the evidence, or the OVAL results. */
  isReported: boolean;
  date: Date;
}

/** The subject of an evaluation: an image, or the SBOM of one, which has no files to read an inventory from. */
export interface EvaluatedSubject {
  image: Image;
  inventory?: Inventory;
  /** Results of release checks, by the release that the SBOM states. */
  stated?: ImageSystem['stated'];
}

/** Opens what a reference names: an SBOM, or an image by `open`. @throws {ScapfeedError} PACKAGE_DATABASE_MISSING for an empty SBOM */
export async function openOvalSubject(
  reference: string,
  open: () => Promise<Image>,
): Promise<EvaluatedSubject> {
  const file = await sbomFile(reference);
  if (file === undefined) return { image: await open() };
  const { openSbom } = await import('../../sbom/index.ts');
  const { image, inventory, answers } = await openSbom(file);
  requireDatabase(inventory, image.reference);
  return { image: { ...image, notes: inventory.notes }, inventory, stated: answers };
}

/** Evaluates the definitions of a document on an image. @throws {ScapfeedError} USAGE for a definition that it lacks */
export async function evaluateOvalOn(
  content: OvalContent | CompiledOval,
  { image, inventory, stated = () => undefined }: EvaluatedSubject,
  { definitions, isReported, date, ...chosen }: OvalSettings,
): Promise<{ evaluation: OvalEvaluation; evaluated: Evaluated }> {
  const now = Math.floor(date.getTime() / 1000);
  const answered = new Set<string>();
  const system: ImageSystem = {
    ...systemOf(image, () => inventory ?? readInventory(image.files)),
    stated(filepath, pattern) {
      const answer = stated(filepath, pattern);
      if (answer !== undefined) answered.add(filepath);
      return answer;
    },
  };
  const settings = { ...chosen, now };
  // Chosen definitions are few, and are evaluated as from XML.
  const evaluated =
    'head' in content && definitions === undefined
      ? await evaluateLean(content, system, settings, isReported, finish)
      : await finish((await compliance()).evaluateOvalInSteps(content, system, { ...settings, definitions }));
  const evaluation = evaluationOf(
    { ...evaluated, ...withoutDefinitions(evaluated, chosen.classes) },
    content,
    { ...image, notes: [...image.notes, ...statedNotes(answered, inventory?.os)] },
    now,
  );
  return { evaluation, evaluated };
}

/** Notes about the files whose checks were answered without the file. */
function statedNotes(answered: ReadonlySet<string>, os: Inventory['os'] | undefined): InventoryNote[] {
  if (answered.size === 0 || !os) return [];
  const system = `${os.id} ${os.versionId ?? os.codename}`;
  const detail = `${system}, stated there, answers the content's check of ${[...answered].join(', ')}`;
  return [{ code: 'stated_release', where: os.found, detail }];
}

/** `option`: its name for the caller. @throws {ScapfeedError} USAGE for a definition that the content lacks */
export function requireDefinition({ documents }: OvalContent, id: string, option: string): void {
  if (documents.some(({ lookup }) => lookup.definition(id))) return;
  const near = nearest(
    id,
    documents.flatMap(({ lookup }) => lookup.definitionIds()),
  );
  throw new ScapfeedError({
    code: 'USAGE',
    message: `${option}: no definition ${id} in the content`,
    remedy: near ? `did you mean ${near}?` : 'see `scapfeed eval --help`',
  });
}

/** Nothing evaluated would look as if nothing were found. */
function withoutDefinitions(
  { counts }: Evaluated,
  classes: OvalSettings['classes'],
): Pick<OvalEvaluation, 'applies' | 'reason'> | undefined {
  if (Object.keys(counts).length > 0) return undefined;
  const asked = classes === undefined ? '' : ` of class ${classes.join(' or ')}`;
  return { applies: 'no', reason: `the content has no definition${asked}` };
}

function evaluationOf(
  { oval: _oval, ...evaluated }: Evaluated,
  content: OvalContent,
  { reference, digest, notes }: Image,
  now: number,
): OvalEvaluation {
  return {
    tool: { name: 'scapfeed', version: toolVersion },
    image: { reference, ...(digest === undefined ? {} : { digest }) },
    content: content.info,
    // Node reads the time zone for it, which a table does not need.
    get time() {
      return new Date(now * 1000).toISOString();
    },
    ...evaluated,
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** OVAL results are of one OVAL document: of a data stream, the one with most definitions. */
export function largestOval(all: readonly OvalResultsData[]): OvalResultsData {
  return all.reduce((most, each) => (each.definitions.length > most.definitions.length ? each : most));
}

/** A file of OVAL content, for reading pieces of it. @throws CONTENT_MISSING */
function openPieces(path: string): FileAccess {
  const size = sizeOfContent(
    path,
    'specify OVAL definitions, a data stream, or a file of `scapfeed compile`',
  );
  return new FileAccess(openSync(path, 'r'), size);
}
