import { breathe } from '../io/cancellation.ts';
import { ScapfeedError } from '../model/error.ts';
import { type Image, type Inventory, noFiles } from '../model/inventory/index.ts';
import type { PolicyOutcome, ScanResult, SignatureGate } from '../model/verdict/index.ts';
import { stableImageName } from '../report/scan/words.ts';
import { plainView } from '../report/writers.ts';
import { type Feed, type JudgeOptions as MatchingOptions, requirePackages } from '../runtime/index.ts';
import { judgeInSteps } from '../runtime/judge.ts';
import { writersOf } from '../tasks/formats.ts';
import type { VexOfImage } from '../tasks/image/vex.ts';
import { parameterNames } from '../tasks/outcome.ts';
import { type ChosenPolicy, type GivenExceptions, repositoryName } from '../tasks/policy/exceptions.ts';
import { type ExceptionParameters, exceptionOptions } from '../tasks/policy/options.ts';
import type { BaseSubject } from '../tasks/scan/base.ts';
import { type LateScanFormat, lateScanFormats } from '../tasks/scan/formats.ts';
import { type BaseParameters, policyOptions, type ScanPolicyOptions } from '../tasks/scan/options.ts';
import {
  type JudgedScan,
  type ScanSettings,
  type ScanSubject,
  scanImage,
  scanOutcome,
  scanSettings,
} from '../tasks/scan/run.ts';
import { readThreshold } from '../tasks/scan/thresholds.ts';
import { requireSameImage } from '../tasks/signed/same-image.ts';
import type { ReadVex } from '../vex/read-vex.ts';
import type { OpenFeed } from './feed.ts';
import { type SbomContent, timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { anything, date, either, listOf, made, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type GateResult, gateResult, policyAt } from './policy.ts';
import { boundWriters, type Reported, reported, type WriteReportOptions } from './reports.ts';
import { type Report, type RunOptions, run } from './run.ts';

/** Options of verdicts: platform, rating sources and stream of updates. */
export interface VerdictOptions extends Omit<MatchingOptions, 'all' | 'map'> {
  /** Judges one system by the statements for another: `{ 'rocky-9': 'rhel-9' }`. */
  platformMap?: Readonly<Record<string, string>>;
}

/** Options of {@link judge}. They correspond to the options of `scapfeed scan`. */
export interface JudgeOptions
  extends VerdictOptions,
    ScanPolicyOptions,
    ExceptionParameters,
    BaseParameters,
    RunOptions {
  /** The image of the inventory, for the result. Default: an image named `inventory`. */
  image?: Image;
  /** The image's name for CI systems. Default: its reference without the parts that change between builds. */
  name?: string;
  /** The result of a signature check: `gate` of {@link checkSignatures} or `signed` of {@link readAttestedSbom}. */
  signed?: SignatureGate;
  /** The date in formats that have one. Default: the date of the vendor's data. */
  date?: Date;
}

/** A judged inventory. It is clean only if `result` has neither flaws nor gaps. */
export interface Scan extends Reported<ScanResult, LateScanFormat> {
  /** The outcome of the policy. `exitCode` is the exit code of `scapfeed scan`: 0, 1 for flaws that fail, 4 for not covered. */
  readonly policy: PolicyOutcome & GateResult;
}

const ofAttaching = 'pass what readAttachedVex returned';

const attachedVex = made('attached VEX', ofAttaching, {
  documents: required(
    listOf(made('a VEX document', ofAttaching, { statements: required(listOf(anything)) })),
  ),
  notes: required(listOf(anything)),
});

/** @internal How verdicts are shown, which fail, and what is put aside. */
export const gateShapes = {
  name: text,
  ...shapesOf(policyOptions),
  ...shapesOf(exceptionOptions),
  vex: listOf(either('a path, or what readAttachedVex returned', text, attachedVex)),
  signed: things.signatureGate,
  date,
};

const baseSubject = made('a base image', 'pass { image, inventory }', {
  image: required(things.image),
  inventory: things.inventory,
});

/** @internal */
export const judgeParameters: ParameterCheck = new ParameterCheck('judge', {
  inventory: things.inventory,
  feed: things.feed,
  options: optionShapes<JudgeOptions>({
    ...things.runOptions,
    ...things.verdictOptions,
    ...gateShapes,
    image: things.image,
    bases: listOf(baseSubject),
  }),
});

/**
 * Judges an inventory against a feed. Same as `scapfeed scan` after reading the image. Long inventories are judged in parts, so
 * that other work of the process can go on in between.
 *
 * @returns The result: every verdict, the packages that could not be judged, and every reason why the result may be incomplete.
 * @throws {@link ScapfeedError} `PLATFORM_UNKNOWN`, `PLATFORM_NOT_COVERED`, `PACKAGE_DATABASE_MISSING`, `FEED_STALE`,
 * `FEED_CORRUPT`, `FEED_LACKS_SOURCE`, `POLICY_INVALID`, `VEX_INVALID`, `USAGE`
 * @example
 * ```ts
 * import { judge, openFeed, openImage, readInventory } from 'scapfeed';
 *
 * const feed = openFeed('feed');
 * const image = await openImage('dir:image');
 * const { result, policy } = await judge(readInventory(image), feed, { image, failOn: ['any'] });
 * for (const { vulnerability, package: pkg, severity, fixedVersion } of result.verdicts)
 *   console.log(vulnerability, pkg.name, severity, fixedVersion);
 * if (result.gaps.length > 0) console.log('not everything is known:', result.gaps);
 * console.log(policy.exitCode); // 0, 1 or 4
 * image.close();
 * feed.close();
 * ```
 */
export function judge(inventory: Inventory, feed: OpenFeed, options: JudgeOptions = {}): Promise<Scan> {
  return run(judgeParameters, [inventory, feed, options], async (report) => {
    const image = options.image ?? namedInventory();
    const gate = await gateFor(options, feed);
    const scanned = await judgeOpened(report, { image, inventory }, gate, options);
    const { report: scan, outcome } = scanned;
    const { template, ...writers } = writersOf(lateScanFormats, { report: scan });
    return {
      ...reported(scan.result, {
        ...boundWriters(writers),
        template: ({ template: made }: WriteReportOptions) =>
          template({ ...plainView, made: requireTemplate(made) }),
      }),
      policy: { ...outcome, ...gateResult(scanOutcome(scanned, inventory)) },
    };
  });
}

/** @internal How images are judged, and the policy file of the options. */
export interface Gate {
  settings: ScanSettings;
  chosen: ChosenPolicy | undefined;
}

const given = {
  command: 'judge',
  flag: 'failOn',
  parameter: { names: parameterNames, help: 'see the documentation of judge' },
};

/** @internal @throws {ScapfeedError} USAGE, FEED_LACKS_SOURCE, POLICY_INVALID */
export async function gateFor(options: Omit<JudgeOptions, 'image'>, feed: OpenFeed): Promise<Gate> {
  const failOn = options.failOn?.map((text) => readThreshold(text, given));
  const { policyFile, sort, showIgnored: showsIgnored, date } = options;
  const how = verdictOptions(options, timeOf(options));
  const settings = scanSettings(
    { feed, how, sort, showsIgnored, date, names: parameterNames },
    { ...options, failOn },
  );
  return { settings, chosen: policyFile === undefined ? undefined : await policyAt(policyFile) };
}

/** @internal Judges an image that is open. */
export async function judgeOpened(
  report: Report,
  { image, inventory }: SbomContent,
  { settings, chosen }: Gate,
  options: Omit<JudgeOptions, 'image'>,
): Promise<JudgedScan> {
  const { signed } = options;
  // An SBOM can be attested of the index that the image is in.
  if (!signed?.subjects.some(({ digest }) => digest === image.digest)) requireSameImage(signed, image);
  const subject = {
    image,
    name: options.name ?? stableImageName(image.reference),
    inventory: requirePackages(inventory, image.reference),
    signed,
    exceptions: await readExceptions(options, chosen, image),
    bases: basesOf(options.bases),
  };
  return scanImage(subject, settings, (...by) => judged(report, ...by));
}

function basesOf([first, second, ...more]: readonly BaseSubject[] = []): ScanSubject['bases'] {
  if (more.length > 0) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `bases: expected at most 2 images, found ${more.length + 2}`,
      remedy: 'pass the base image that the image was made from and, second, its newer build',
    });
  }
  return first && [first, second];
}

/** @internal */
export function verdictOptions(
  { platform, platformMap, severityFrom, stream, languages, maxAge }: VerdictOptions,
  now: Date,
): MatchingOptions & { now: Date } {
  return {
    now,
    map: new Map(Object.entries(platformMap ?? {})),
    ...(platform === undefined ? {} : { platform }),
    ...(severityFrom === undefined ? {} : { severityFrom }),
    ...(stream === undefined ? {} : { stream }),
    ...(languages === undefined ? {} : { languages }),
    ...(maxAge === undefined ? {} : { maxAge }),
  };
}

/** Between two parts the event loop turns, so that a signal can be aborted. */
async function judged(report: Report, feed: Feed, inventory: Inventory, how: MatchingOptions) {
  const step = 'judging packages';
  report(step, { done: 0, total: inventory.packages.length, unit: 'packages' });
  const steps = judgeInSteps(feed, inventory, how);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await breathe();
    report(step, { ...value, unit: 'packages' });
  }
}

function namedInventory(): Image {
  return {
    kind: 'sbom',
    reference: 'inventory',
    labels: {},
    env: [],
    files: noFiles([]),
    notes: [],
    close: () => undefined,
  };
}

async function readExceptions(
  { vex, baseline, name }: JudgeOptions,
  chosen: ChosenPolicy | undefined,
  image: Image,
): Promise<GivenExceptions> {
  const exceptions: GivenExceptions = {};
  if (chosen) exceptions.policy = vex ? await withRights(chosen) : chosen;
  if (vex) {
    const { readVexPlace } = await import('../vex/index.ts');
    const places: VexOfImage[] = [];
    const names = vex.flatMap((each) => (typeof each === 'string' ? (repositoryName(each) ?? []) : []));
    if (names.length > 0) exceptions.repositories = names;
    for (const each of vex) {
      if (typeof each !== 'string') places.push(each);
      else if (repositoryName(each) === undefined) places.push(vexIn(await readVexPlace(each)));
    }
    exceptions.vex = places.flatMap(({ documents }) => documents);
    const notes = places.flatMap((place) => place.notes);
    if (notes.length > 0) exceptions.notes = notes;
  }
  if (baseline !== undefined) {
    const { formerResult, readBaselineFile } = await import('../policy/index.ts');
    const former = formerResult(readBaselineFile(baseline), image.reference, name, stableImageName);
    const detail = `it knows no image ${name ?? image.reference}: every flaw is new`;
    if (former) exceptions.baseline = former;
    else exceptions.notes = [...(exceptions.notes ?? []), { code: 'no_baseline', where: baseline, detail }];
  }
  return exceptions;
}

/** A policy with the rights of issuers of VEX; keys are files. */
async function withRights(chosen: ChosenPolicy): Promise<ChosenPolicy> {
  if (!chosen.policy.vex) return chosen;
  const [{ vexRights }, { readTrustedFile }] = await Promise.all([
    import('../tasks/signed/vex-rights.ts'),
    import('../signatures/trusted-file.ts'),
  ]);
  const rights = vexRights(chosen.policy, { read: readTrustedFile, fromFeed: () => undefined });
  return rights ? { ...chosen, rights } : chosen;
}

function vexIn({ documents, skipped }: ReadVex): VexOfImage {
  return {
    documents: [...documents],
    notes: skipped.map((where) => ({ code: 'no_vex_document', where })),
  };
}

function requireTemplate(path: string | undefined): string {
  if (path !== undefined) return path;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'the format template requires a template',
    remedy: "specify its file: writeReport(scan, 'template', { template: FILE })",
  });
}
