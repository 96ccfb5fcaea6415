import {
  type Compliance,
  comply,
  joinWanted,
  type LoadedContent,
  openContent,
  shortId,
  type WantedFiles,
} from '../../comply/index.ts';
import { readInventory } from '../../inventory/index.ts';
import {
  type ComplianceResult,
  type FeedContent,
  type Image,
  type Inventory,
  ScapfeedError,
} from '../../model/index.ts';
import { plural } from '../../report/text-table.ts';
import { systemOf } from '../image-system.ts';
import { choice, flag, group, type OptionValues, path, text } from '../option.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';
import { toolVersion } from '../version.ts';
import { contentChoice, contentOptions } from './content-choice.ts';
import type { ChosenFeed } from './feed-choice.ts';
import { benchmarkFor, contentText, oldContentNotes, openBenchmarks } from './feed-content.ts';
import { judgedPlatform } from './image-choice.ts';

const severityOrder = ['any', 'info', 'low', 'medium', 'high'] as const;

type FailOn = (typeof severityOrder)[number];

/** `--fail-on` for rules, under the name that a command gives it. */
export const failOnRules = choice(severityOrder, 'exit 1 when a rule of at least this severity fails: %', {
  metavar: 'S',
  noun: 'severity',
});

/** Options of every command that judges by a profile. */
export const complyingOptions = group('Content', {
  content: path(
    'FILE',
    "a data stream, an XCCDF benchmark, or what `scapfeed compile` made of one (default: the feed's for the image's release)",
  ),
  product: text(
    'NAME',
    'which benchmark of the feed, where it has several for the release; `scapfeed profiles` lists them',
  ),
  profile: text('ID', "the profile to judge by, whole or its end (default: the benchmark's own selection)"),
  tailoring: path('FILE', "a tailoring file, whose profiles come before the content's"),
  'allow-unjudged': flag('do not exit 4 because of rules in the gate that ended as error or unknown'),
  ...contentOptions,
});

type ComplyingChoice = OptionValues<typeof complyingOptions>;

/** Content of which the image's release chooses one; its files are wanted before that is known. */
export interface ChosenContent {
  wanted: WantedFiles;
  /** The feed's benchmark, or the given file. */
  choose(inventory: () => Inventory): { content: LoadedContent; entry?: FeedContent };
}

/** Opens the content that the options name, or the feed's. `feed` is opened only where it is needed. */
export async function openChosenContent(
  command: string,
  given: ComplyingChoice & { platform?: readonly string[] | undefined },
  feed: () => ChosenFeed,
): Promise<ChosenContent> {
  const { profile, tailoring, product } = given;
  if (tailoring !== undefined && profile === undefined) {
    throw usage(command, '--tailoring needs --profile', 'name one of its profiles with --profile');
  }
  if (given.content !== undefined) {
    if (product !== undefined)
      throw usage(command, '--product is for the content of a feed', 'leave out one of the two');
    const content = openContent(given.content, contentChoice(given));
    return { wanted: content.wanted, choose: () => ({ content }) };
  }
  const chosen = feed();
  // A tailoring brings profiles of its own.
  const own = tailoring === undefined ? profile : undefined;
  const opened = await openBenchmarks(chosen, { profile: own, product });
  const platform = judgedPlatform(given.platform);
  return {
    wanted: joinWanted(opened.map(({ content }) => content.wanted)),
    choose: (inventory) =>
      benchmarkFor(inventory(), chosen, opened, {
        profile: own,
        ...(platform === undefined ? {} : { platform }),
      }),
  };
}

/** Evaluates the profile on an image, and says which benchmark of a feed it is. */
export function evaluate(
  command: string,
  chosen: ChosenContent,
  image: Image,
  given: ComplyingChoice,
  terminal: Terminal,
  readWhole: () => Inventory = () => readInventory(image.files, image.labels),
): Compliance {
  let read: Inventory | undefined;
  const inventory = () => {
    read ??= readWhole();
    return read;
  };
  const { content, entry } = chosen.choose(inventory);
  const date = outputDate(terminal.env);
  const now = Math.floor(date.getTime() / 1000);
  if (entry) terminal.err(`content: ${contentText(entry, date)}, from the feed`);
  const { profile, tailoring } = given;
  const compliance = comply(content, systemOf(image, inventory), {
    image: { reference: image.reference, ...(image.digest === undefined ? {} : { digest: image.digest }) },
    time: new Date(now * 1000).toISOString(),
    now,
    toolVersion,
    notes: [...image.notes, ...(entry ? oldContentNotes(entry, date) : [])],
    ...(profile === undefined ? {} : { profile }),
    ...(tailoring === undefined ? {} : { tailoring }),
  });
  if (profile === undefined) requireRules(command, compliance.result, content.benchmark.profiles);
  return compliance;
}

/** A benchmark that selects no rule by itself needs a profile: an empty result would look like a clean one. */
function requireRules(
  command: string,
  { applicable, rules }: ComplianceResult,
  profiles: readonly { id: string }[],
): void {
  if (!applicable || rules.some(({ result }) => result !== 'notselected')) return;
  const names = profiles.map(({ id }) => shortId(id)).join(', ');
  throw usage(
    command,
    'no rule is selected',
    names === '' ? undefined : `name a profile with --profile: ${names}`,
  );
}

export interface RuleGate {
  /** The option's name in messages. */
  option: string;
  failOn: FailOn | undefined;
  allowUnjudged: boolean;
}

/** @throws PLATFORM_NOT_COVERED where nothing of the content applies: a result about another platform means nothing */
export function requireApplicable({ applicable }: ComplianceResult): void {
  if (applicable) return;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: 'nothing applies: the content is for another platform than the image',
    remedy: "choose content for the image's release",
  });
}

/**
 * The exit code of a profile's result. A rule in the gate that ended as error or unknown does not pass, or an image could
 * switch the gate off. As everywhere, 4 is before 1.
 */
export function rulesCode(
  { rules, unfinished }: ComplianceResult,
  { option, failOn, allowUnjudged }: RuleGate,
  terminal: Terminal,
): number {
  if (failOn === undefined) return unfinished === undefined ? 0 : 4;
  const order: readonly string[] = severityOrder;
  const rank = (severity: string) => order.indexOf(severity);
  const gated = rules.filter(
    ({ severity, waived }) => waived === undefined && (failOn === 'any' || rank(severity) >= rank(failOn)),
  );
  const failed = gated.filter(({ result }) => result === 'fail').length;
  const unjudged = gated.filter(({ result }) => result === 'error' || result === 'unknown').length;
  if (failed > 0) terminal.err(`policy: ${plural(failed, 'rule')} failed at or above ${option}`);
  if (unjudged > 0) {
    const accepted = allowUnjudged ? 'accepted by --allow-unjudged' : '--allow-unjudged accepts that';
    terminal.err(
      `not judged: ${plural(unjudged, 'rule')} at or above ${option}, error or unknown; ${accepted}`,
    );
  }
  if (unfinished !== undefined || (unjudged > 0 && !allowUnjudged)) return 4;
  return failed > 0 ? 1 : 0;
}
