import {
  type Compliance,
  complyInSteps,
  joinWanted,
  type LoadedContent,
  noProfiles,
  openContent,
  type RuleAnswer,
  shortId,
  type WantedByChecks,
  wantedInspection,
  wantedPredicate,
} from '../../comply/index.ts';
import { inventoryWanted } from '../../inventory/index.ts';
import type { ComplianceResult, OvalResultsData } from '../../model/compliance/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FeedContent } from '../../model/feed/index.ts';
import type { Image, Inspection, Inventory, Wanted } from '../../model/inventory/index.ts';
import { type Steps, whole } from '../../model/progress.ts';
import { benchmarkFor, oldContentNotes, openBenchmarks } from '../content/of-feed.ts';
import type { ContentFile } from '../content/options.ts';
import type { ChosenFeed } from '../feed.ts';
import { systemOf } from '../image/system.ts';
import { toolVersion } from '../tool-version.ts';

/** Content of which the image's release chooses one; its files are wanted before that is known. */
export interface ChosenContent {
  wanted: WantedByChecks;
  /** The feed's benchmark, or the given file. */
  choose(inventory: () => Inventory): { content: LoadedContent; entry?: FeedContent };
}

export function contentOfFile({ file, ...how }: ContentFile): ChosenContent {
  const content = openContent(file, how);
  return { wanted: content.wanted, choose: () => ({ content }) };
}

/** Selects the files of an image that its inventory and the content need. */
export function wantedOfImage({ wanted }: ChosenContent): { wanted: Wanted; inspection?: Inspection } {
  const ofContent = wantedPredicate(wanted);
  const inspection = wantedInspection(wanted);
  return {
    wanted: (file) => inventoryWanted(file) || ofContent(file),
    ...(inspection === undefined ? {} : { inspection }),
  };
}

/** The choice among a feed's benchmarks; `profile`: one that it must have. */
export interface FeedContentChoice {
  profile?: string | undefined;
  product?: string | undefined;
  platform?: string | undefined;
}

export async function contentOfFeed(
  feed: ChosenFeed,
  { profile, product, platform }: FeedContentChoice,
): Promise<ChosenContent> {
  const opened = await openBenchmarks(feed, { profile, product });
  return {
    wanted: joinWanted(opened.map(({ content }) => content.wanted)),
    choose: (inventory) =>
      benchmarkFor(inventory(), feed, opened, {
        profile,
        product,
        ...(platform === undefined ? {} : { platform }),
      }),
  };
}

export interface ComplySettings {
  profile?: string | undefined;
  tailoring?: string | undefined;
  date: Date;
  inventory(): Inventory;
  /** For rules that are `notchecked` otherwise, by id. */
  answers?: ReadonlyMap<string, RuleAnswer> | undefined;
  /** Called with the benchmark of a feed that was chosen. */
  onChosen?(entry: FeedContent): void;
}

/** Evaluates the profile on an image, and names the benchmark of a feed. */
export function complyImage(chosen: ChosenContent, image: Image, settings: ComplySettings): Compliance {
  return whole(complyImageInSteps(chosen, image, settings));
}

/** The same with a pause before each rule. */
export function* complyImageInSteps(
  chosen: ChosenContent,
  image: Image,
  { profile, tailoring, date, inventory: read, answers, onChosen }: ComplySettings,
): Steps<Compliance> {
  let known: Inventory | undefined;
  const inventory = () => {
    known ??= read();
    return known;
  };
  const { content, entry } = chosen.choose(inventory);
  const now = Math.floor(date.getTime() / 1000);
  if (entry) onChosen?.(entry);
  const compliance = yield* complyInSteps(content, systemOf(image, inventory), {
    image: { reference: image.reference, ...(image.digest === undefined ? {} : { digest: image.digest }) },
    time: new Date(now * 1000).toISOString(),
    now,
    toolVersion,
    notes: [...image.notes, ...(entry ? oldContentNotes(entry, date) : [])],
    ...(profile === undefined ? {} : { profile }),
    ...(tailoring === undefined ? {} : { tailoring }),
    ...(answers === undefined ? {} : { answers }),
  });
  if (profile === undefined) requireRules(compliance.result, content.benchmark.profiles);
  return compliance;
}

/** A benchmark that selects no rule by itself needs a profile: an empty result would look like a clean one. */
function requireRules({ applicable, rules }: ComplianceResult, profiles: readonly { id: string }[]): void {
  if (!applicable || rules.some(({ result }) => result !== 'notselected')) return;
  throw noRule(profiles);
}

/** The error for a selection without rules. */
export function noRule(profiles: readonly { id: string }[]): ScapfeedError {
  const names = profiles.map(({ id }) => shortId(id)).join(', ');
  return new ScapfeedError({
    code: 'USAGE',
    message: 'no rule is selected',
    remedy: names === '' ? noProfiles : `specify a profile with --profile: ${names}`,
  });
}

/** OVAL results cover one OVAL document: the one with the rules, not the one with the platforms. ARF has them all. */
export function mainOval(all: readonly OvalResultsData[]): OvalResultsData {
  const [most] = [...all].sort((a, b) => b.definitions.length - a.definitions.length);
  return (
    most ?? {
      href: '',
      schemaVersion: '5.11',
      source: [],
      definitions: [],
      tests: [],
      objects: [],
      items: [],
    }
  );
}
