import {
  type ChosenContent,
  type ComplySettings,
  complyImage,
  contentOfFeed,
  contentOfFile,
} from '../../acts/comply-image.ts';
import type { ChosenFeed } from '../../acts/feed.ts';
import { contentText } from '../../acts/feed-content.ts';
import { ruleSeverities } from '../../acts/policy-options.ts';
import type { Compliance } from '../../comply/index.ts';
import { readInventory } from '../../inventory/index.ts';
import type { ComplianceResult, ComplianceRule, Image } from '../../model/index.ts';
import { plural } from '../../report/text-table.ts';
import { choice, flag, group, type OptionValues, path, text } from '../option.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';
import { contentChoice, contentOptions } from './content-choice.ts';
import { judgedPlatform } from './image-choice.ts';

type FailOn = (typeof ruleSeverities)[number];

/** `--fail-on` for rules, under the name that a command gives it. */
export const failOnRules = choice(ruleSeverities, 'exit 1 when a rule of at least this severity fails: %', {
  metavar: 'S',
  noun: 'severity',
});

/** Options of every command that judges by a profile. */
export const complyingOptions = group('Content', {
  content: path(
    'FILE',
    "a data stream, an XCCDF benchmark, or the output of `scapfeed compile` (default: the feed's content " +
      "for the image's release)",
  ),
  product: text(
    'NAME',
    'the benchmark to use, if the feed has several for the release; `scapfeed profiles` lists them',
  ),
  profile: text(
    'ID',
    "the profile to judge by: its id or the end of it (default: the benchmark's own selection)",
  ),
  tailoring: path('FILE', "a tailoring file; its profiles take precedence over the content's"),
  'allow-unjudged': flag(
    'do not exit 4 because of gated rules with the result error or unknown, or of failed rules without a severity',
  ),
  ...contentOptions,
});

type ComplyingChoice = OptionValues<typeof complyingOptions>;

/** Opens the content that the options name, or the feed's. `feed` is opened only where it is needed. */
export async function openChosenContent(
  command: string,
  given: ComplyingChoice & { platform?: readonly string[] | undefined },
  feed: () => ChosenFeed,
): Promise<ChosenContent> {
  const { profile, tailoring, product } = given;
  if (tailoring !== undefined && profile === undefined) {
    throw usage(command, '--tailoring needs --profile', 'specify one of its profiles with --profile');
  }
  if (given.content !== undefined) {
    if (product !== undefined)
      throw usage(command, '--product is for the content of a feed', 'leave out one of the two');
    return contentOfFile({ file: given.content, ...contentChoice(given) });
  }
  // A tailoring brings profiles of its own.
  const own = tailoring === undefined ? profile : undefined;
  return contentOfFeed(feed(), { profile: own, product, platform: judgedPlatform(given.platform) });
}

/** Evaluates the profile on an image, and says which benchmark of a feed it is. `judged`: what its scan knows. */
export function evaluate(
  chosen: ChosenContent,
  image: Image,
  given: ComplyingChoice,
  terminal: Terminal,
  judged?: Pick<ComplySettings, 'inventory' | 'answers'>,
): Compliance {
  const date = outputDate(terminal.env);
  const { profile, tailoring } = given;
  return complyImage(chosen, image, {
    profile,
    tailoring,
    date,
    ...(judged ?? { inventory: () => readInventory(image.files, image.labels) }),
    onChosen: (entry) => terminal.note(`content: ${contentText(entry, date)}, from the feed`),
  });
}

export interface RuleGate {
  /** The option's name in messages. */
  option: string;
  failOn: FailOn | undefined;
  allowUnjudged: boolean;
}

/**
 * The exit code of a profile's result. A rule in the gate that ended as error or unknown does not pass, or an image could
 * switch the gate off. As everywhere, 4 is before 1.
 */
export function rulesCode(
  { rules, unfinished }: ComplianceResult,
  { option, failOn, allowUnjudged }: RuleGate,
  terminal: Pick<Terminal, 'err'>,
): number {
  if (failOn === undefined) return unfinished === undefined ? 0 : 4;
  const order: readonly string[] = ruleSeverities;
  const rank = (severity: string) => order.indexOf(severity);
  const counted = rules.filter(({ waived }) => waived === undefined);
  const isGated = ({ severity }: ComplianceRule) => failOn === 'any' || rank(severity) >= rank(failOn);
  const isUnrated = (rule: ComplianceRule) => rule.severity === 'unknown' && !isGated(rule);
  const allFailed = counted.filter(({ result }) => result === 'fail');
  const failed = allFailed.filter(isGated).length;
  const unrated = allFailed.filter(isUnrated).length;
  const isUnsettled = ({ result }: ComplianceRule) => result === 'error' || result === 'unknown';
  // A rule without a severity may have any.
  const ofAny = counted.filter((rule) => isUnrated(rule) && isUnsettled(rule)).length;
  const unjudged = counted.filter((rule) => isGated(rule) && isUnsettled(rule)).length + ofAny;
  const accepted = allowUnjudged ? 'accepted by --allow-unjudged' : '--allow-unjudged accepts that';
  if (failed > 0) terminal.err(`policy: ${plural(failed, 'rule')} failed at or above ${option}`);
  if (unrated > 0)
    terminal.err(`policy: ${plural(unrated, 'failed rule')} without a severity not counted; any counts them`);
  const isBlind = unrated * 2 > allFailed.length;
  if (isBlind) {
    terminal.err(
      `not judged: the gate cannot see ${unrated} of ${plural(allFailed.length, 'failed rule')}: the content gives them no severity; ${accepted}`,
    );
  }
  if (unjudged > 0) {
    terminal.err(
      `not judged: ${plural(unjudged, 'rule')} at or above ${option}${ofAny > 0 ? ' or without a severity' : ''}, error or unknown; ${accepted}`,
    );
  }
  if (unfinished !== undefined || ((isBlind || unjudged > 0) && !allowUnjudged)) return 4;
  return failed > 0 ? 1 : 0;
}
