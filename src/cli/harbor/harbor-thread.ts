// The program of the thread that does one scan for Harbor: neither its time nor its memory is that of the server.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { packedText } from '../../fleet/packing.ts';
import type { HarborReport } from '../../fleet/store/harbor.ts';
import { currentTime } from '../../io/clock.ts';
import { offLimits } from '../../io/http/off-link.ts';
import { isoSeconds, undated } from '../../model/data-date.ts';
import { isScapfeedError } from '../../model/error.ts';
import { noFiles } from '../../model/inventory/index.ts';
import { harborVulnerabilities } from '../../report/scan/harbor.ts';
import { stableImageName } from '../../report/scan/words.ts';
import { requireComplete, requirePackages } from '../../runtime/index.ts';
import { databaseDate, sbomSubject } from '../../tasks/image/sbom-subject.ts';
import { flagNames } from '../../tasks/outcome.ts';
import { scanImage, scanOutcome, scanSettings } from '../../tasks/scan/run.ts';
import { openChosenFeed } from '../options/feed-choice.ts';
import { imageChoice, openChosenImage } from '../options/image-choice.ts';
import { judgeChoice } from '../options/judging.ts';
import { type OpenedSubject, openSubject } from '../options/subject.ts';
import { type HarborAnswer, type HarborTask, harborBases } from './harbor-task.ts';

/** Of the kernel's levels, the server's thread has 0. */
const scanPriority = 10;

const day = 86_400_000;

const unreachableRemedy =
  "check the registry's address, the login that Harbor gives to scanners, and --harbor-registry of scapfeed";

/** Milliseconds for which an SBOM is kept: its image does not change. */
const sbomKeptFor = 30 * day;

async function answerOf(task: HarborTask): Promise<HarborAnswer> {
  try {
    return { reports: await offLimits(task.off, () => reportsOf(task)) };
  } catch (error) {
    if (isScapfeedError(error)) {
      const { code, message, where } = error;
      // Its own remedy is for who has a shell here.
      const remedy = code === 'IMAGE_UNREACHABLE' ? unreachableRemedy : error.remedy;
      const place = where === undefined ? '' : ` (${where})`;
      return { failure: `${message}${place}${remedy === undefined ? '' : `; ${remedy}`} [${code}]` };
    }
    if (error instanceof Uncovered) return { failure: error.message };
    return {
      failure: 'the scan failed; the log of the server has more',
      log: String((error as Error).stack),
    };
  }
}

async function reportsOf(task: HarborTask): Promise<HarborReport[]> {
  const { reference, reports, given, env, registry } = task;
  if (reports.length === 0) {
    await requireReadable(task);
    return [];
  }
  const sboms = reports.filter((kind) => kind !== 'vulnerability');
  const subject = await openSubject(reference, given, env, sboms.length > 0, registry);
  try {
    const made: HarborReport[] = [];
    if (reports.includes('vulnerability')) made.push(await vulnerabilities(subject, task));
    for (const kind of sboms) made.push(await sbom(subject, kind, task));
    return made;
  } finally {
    subject.image.close();
  }
}

/** The image by the request's credentials, without its layers. */
async function requireReadable({ reference, given, env, registry }: HarborTask): Promise<void> {
  const choice = imageChoice(given, () => false, env);
  const image = await openChosenImage(reference, {
    ...choice,
    registry: { ...choice.registry, ...registry },
    recall: ({ layers }) => noFiles(layers),
  });
  image.close();
}

async function vulnerabilities(subject: OpenedSubject, task: HarborTask): Promise<HarborReport> {
  const { image } = subject;
  const { given, env } = task;
  const now = currentTime();
  const inventory = requirePackages(subject.inventory, image.reference);
  const feed = openChosenFeed(given.feed, env);
  try {
    const settings = scanSettings(
      { feed, how: judgeChoice(given, now), names: flagNames },
      { allowUncovered: given['allow-uncovered'] },
    );
    const name = stableImageName(image.reference);
    const scanned = await scanImage({ image, name, inventory, signed: undefined }, settings);
    const { error, exitCode, reasons } = scanOutcome(scanned, inventory);
    if (error) throw error;
    // The report has no word for what is not judged: an empty one would call the image clean.
    if (exitCode !== 0) throw new Uncovered(reasons.join('; ') || 'the image is not judged as a whole');
    const maxAge = given['max-age'];
    const updated = Date.parse(scanned.report.result.platform.updated ?? undated);
    const stale = maxAge === undefined ? Number.POSITIVE_INFINITY : updated + maxAge;
    return {
      kind: 'vulnerability',
      basis: harborBases(task, feed.digest()).vulnerability,
      body: packedText(harborVulnerabilities(scanned.report)),
      validUntil: new Date(Math.min(now.getTime() + day, stale)),
    };
  } finally {
    feed.close();
  }
}

/** An image that is not judged as a whole. */
class Uncovered extends Error {}

async function sbom(
  { image, inventory }: OpenedSubject,
  kind: 'spdx' | 'cyclonedx',
  task: HarborTask,
): Promise<HarborReport> {
  requireComplete(requirePackages(inventory, image.reference));
  const subject = sbomSubject(image, inventory, isoSeconds(databaseDate(image, inventory)));
  const parts =
    kind === 'spdx'
      ? (await import('../../report/sbom/spdx.ts')).inventorySpdx(subject)
      : (await import('../../report/sbom/cyclonedx.ts')).inventoryCycloneDx(subject);
  return {
    kind,
    basis: harborBases(task, '').sbom,
    body: packedText([...parts].join('')),
    validUntil: new Date(currentTime().getTime() + sbomKeptFor),
  };
}

// On Linux, of this thread alone: the server's own answers Harbor, which waits for five seconds.
if (process.platform === 'linux') setPriority(scanPriority);

answerOf(workerData as HarborTask).then((answer) => parentPort!.postMessage(answer));
