import { type Compliance, wantedInspection, wantedPredicate } from '../../comply/index.ts';
import { inventoryWanted } from '../../inventory/index.ts';
import { currentTime } from '../../io/clock.ts';
import type { ComplianceResult, InstalledPackage, Verification } from '../../model/index.ts';
import { type ImageChanges, type ImageSide, imageChanges } from '../../report/diff/image-changes.ts';
import { compareVersions, requireDatabase } from '../../runtime/index.ts';
import { verifyInspection, verifyWanted } from '../../verify/index.ts';
import { flag, group, type OptionValues } from '../option.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';
import { verifyImage } from '../verified.ts';
import { complyingOptions, evaluate, openChosenContent, requireApplicable } from './complying.ts';
import { ageOptions, type ChosenFeed, feedOptions, openChosenFeed } from './feed-choice.ts';
import { imageChoice, type imageOptions, openChosenImage } from './image-choice.ts';
import { judgeImage, judgingOptions } from './judging.ts';
import { openSubject } from './subject.ts';

/** Options of the comparison of two images. */
export const imageDiffOptions = {
  ...feedOptions,
  ...ageOptions,
  ...judgingOptions,
  ...group('Images', {
    all: flag('also list flaws that the default view of scan hides'),
    verify: flag('compare what verify finds too'),
    'allow-uncovered': flag('do not exit 4 because of single packages that the feed has no data for'),
  }),
  ...complyingOptions,
};

type DiffChoice = OptionValues<typeof imageDiffOptions & typeof imageOptions>;

/** Options that say nothing about two feeds. */
export const ofImagesOnly = ['feed', 'verify', 'profile', 'content', 'product', 'tailoring'] as const;

/** What differs between two images, judged by one feed on one day. */
export async function diffImages(
  references: readonly [old: string, now: string],
  given: DiffChoice,
  terminal: Terminal,
): Promise<{ changes: ImageChanges; isWhole: boolean }> {
  requireReaders(references, given);
  const feed = openChosenFeed(given.feed, terminal.env);
  try {
    const [old, now] = references;
    const before = await sideOf(old, feed, given, terminal);
    const after = await sideOf(now, feed, given, terminal);
    const compare = (pkg: InstalledPackage, version: string) => {
      const order = compareVersions({ ...pkg, source: { ...pkg.source, version: pkg.version } }, version);
      return order ?? undefined;
    };
    const changes = imageChanges(before, after, { all: given.all, compare });
    const accepts = given['allow-uncovered'];
    const isWhole = [before, after].every(({ result, verification, compliance }) => {
      const gaps = result.gaps.filter(({ code }) => code !== 'uncovered_packages' || !accepts);
      const unlisted = accepts ? 0 : (verification?.uncovered.length ?? 0);
      return gaps.length + unlisted === 0 && compliance?.unfinished === undefined;
    });
    return { changes, isWhole };
  } finally {
    feed.close();
  }
}

function asksForRules({ profile, content, product, tailoring }: DiffChoice): boolean {
  return [profile, content, product, tailoring].some((text) => text !== undefined);
}

/** Files and rules are read from the image again: a stream is gone by then, and an SBOM has none. */
function requireReaders(references: readonly string[], given: DiffChoice): void {
  const streams = references.filter((reference) => reference === '-' || reference === 'sbom:-');
  if (streams.length > 1) throw usage('diff', 'stdin can be read once only', 'name a file for the other');
  if (!given.verify && !asksForRules(given)) return;
  const wrong = references.find((reference) => reference === '-' || reference.startsWith('sbom:'));
  if (wrong !== undefined)
    throw usage(
      'diff',
      `${wrong} has no files to verify or judge`,
      'name an image, or leave out --verify and --profile',
    );
}

async function sideOf(
  reference: string,
  feed: ChosenFeed,
  given: DiffChoice,
  terminal: Terminal,
): Promise<ImageSide> {
  terminal.progress(`reading ${reference}`);
  const subject = await openSubject(reference, given, terminal.env);
  const { image } = subject;
  try {
    const inventory = requireDatabase(subject.inventory, image.reference);
    const result = judgeImage(feed, image, inventory, given, currentTime());
    const verification = given.verify ? await verificationOf(reference, given, terminal) : undefined;
    const compliance = asksForRules(given) ? await complianceOf(reference, feed, given, terminal) : undefined;
    return {
      result,
      inventory,
      ...(verification && { verification }),
      ...(compliance && { compliance }),
    };
  } finally {
    image.close();
  }
}

async function verificationOf(
  reference: string,
  given: DiffChoice,
  terminal: Terminal,
): Promise<Verification> {
  terminal.progress(`comparing the files of ${reference}`);
  const choice = imageChoice(given, verifyWanted, terminal.env);
  const image = await openChosenImage(reference, { ...choice, inspection: verifyInspection });
  try {
    return verifyImage(image);
  } finally {
    image.close();
  }
}

async function complianceOf(
  reference: string,
  feed: ChosenFeed,
  given: DiffChoice,
  terminal: Terminal,
): Promise<ComplianceResult> {
  const contents = await openChosenContent('diff', given, () => feed);
  const contentWanted = wantedPredicate(contents.wanted);
  const inspection = wantedInspection(contents.wanted);
  const wanted = (file: string) => inventoryWanted(file) || contentWanted(file);
  const image = await openChosenImage(reference, {
    ...imageChoice(given, wanted, terminal.env),
    ...(inspection === undefined ? {} : { inspection }),
  });
  try {
    const { result }: Compliance = evaluate('diff', contents, image, given, terminal);
    requireApplicable(result);
    return result;
  } finally {
    image.close();
  }
}
