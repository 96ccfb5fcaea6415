import { type Compliance, wantedInspection, wantedPredicate } from '../../comply/index.ts';
import { inventoryWanted } from '../../inventory/index.ts';
import { currentTime } from '../../io/clock.ts';
import type { ComplianceResult } from '../../model/compliance/index.ts';
import type { Verification } from '../../model/verdict/index.ts';
import type { ImageChanges, ImageSide } from '../../report/diff/image-changes.ts';
import { requireApplicable } from '../../tasks/comply/gate.ts';
import { compareImages, imageSide } from '../../tasks/diff/images.ts';
import type { imageDiffOptions } from '../../tasks/diff/options.ts';
import { completely } from '../../tasks/feed.ts';
import { usage } from '../../tasks/given-words.ts';
import type { imageOptions } from '../../tasks/image/options.ts';
import { sbomFile } from '../../tasks/image/sbom-subject.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { judgeImage } from '../../tasks/scan/judge.ts';
import { verifyImage } from '../../tasks/verify/run.ts';
import { verifyInspection, verifyWanted } from '../../verify/index.ts';
import type { Terminal } from '../terminal.ts';
import { evaluate, openChosenContent } from './complying.ts';
import { type ChosenFeed, openAnyFeed } from './feed-choice.ts';
import { imageChoice, openChosenImage } from './image-choice.ts';
import { judgeChoice } from './judging.ts';
import { openSubject } from './subject.ts';

type DiffChoice = OptionValues<typeof imageDiffOptions & typeof imageOptions>;

/** Options that do not apply to two feeds. */
export const ofImagesOnly = [
  'feed',
  'trust-root',
  'verify',
  'profile',
  'content',
  'product',
  'tailoring',
] as const;

/** Compares two images, judged by one feed on one day. */
export async function diffImages(
  references: readonly [old: string, now: string],
  given: DiffChoice,
  terminal: Terminal,
): Promise<{ changes: ImageChanges; isWhole: boolean }> {
  await requireReaders(references, given);
  const feed = await openAnyFeed('diff', given, terminal);
  try {
    const [old, now] = references;
    const before = await sideOf(old, feed, given, terminal);
    const after = await sideOf(now, feed, given, terminal);
    return compareImages(before, after, { all: given.all, allowUncovered: given['allow-uncovered'] });
  } finally {
    feed.close();
  }
}

function asksForRules({ profile, content, product, tailoring }: DiffChoice): boolean {
  return [profile, content, product, tailoring].some((text) => text !== undefined);
}

/** Files and rules are read from the image again: a stream is gone by then, and an SBOM has none. */
async function requireReaders(references: readonly string[], given: DiffChoice): Promise<void> {
  const streams = references.filter((reference) => reference === '-' || reference === 'sbom:-');
  if (streams.length > 1) throw usage('diff', 'stdin can be read once only', 'specify a file for the other');
  if (!given.verify && !asksForRules(given)) return;
  for (const reference of references) {
    if (reference !== '-' && (await sbomFile(reference)) === undefined) continue;
    throw usage(
      'diff',
      `${reference} has no files to verify or judge`,
      'specify an image, or omit --verify and --profile',
    );
  }
}

async function sideOf(
  reference: string,
  feed: ChosenFeed,
  given: DiffChoice,
  terminal: Terminal,
): Promise<ImageSide> {
  terminal.progress(`reading ${reference}`);
  const opened = await openSubject(reference, given, terminal.env);
  return imageSide(opened, {
    judge(inventory) {
      const how = judgeChoice(given, currentTime());
      return completely(feed, (whole) => judgeImage(whole, opened.image, inventory, how));
    },
    verify: given.verify && (() => verificationOf(reference, given, terminal)),
    comply: asksForRules(given) && (() => complianceOf(reference, feed, given, terminal)),
  });
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
    const { result }: Compliance = evaluate(contents, image, given, terminal);
    requireApplicable(result);
    return result;
  } finally {
    image.close();
  }
}
