import { judges } from '../../distros/judges.ts';
import type { RatingSource } from '../../model/index.ts';
import type { JudgeOptions } from '../../runtime/index.ts';
import {
  choice,
  flag,
  form,
  group,
  type Option,
  type OptionValues,
  repeatable,
  text,
} from '../../tasks/option.ts';
import { severityFrom } from '../../tasks/scan/options.ts';
import type { ageOptions } from './feed-choice.ts';
import { judgedPlatform } from './image-choice.ts';

/** Options of single distributions: `--pro`, `--no-pro`, `--stream`. */
const distributionOptions = judges.flatMap(({ options = [] }) => options);

/** By name; their values are read by `settings` alone. */
const distributionTable: object = Object.fromEntries(distributionOptions.flatMap(optionsOf));

/** Options that change verdicts, not what is shown of them. */
export const judgingOptions = group('Judging', {
  platform: repeatable(
    text(
      'ID|OS/ARCH',
      'an id: judge the image as this platform, whatever its own release; OS/ARCH: the image of a ' +
        'multi-platform index to use (default: linux/amd64)',
    ),
  ),
  'platform-map': repeatable(
    form('A=B', 'judge system A (ol-9) by the statements for platform B (rhel-9)', platformPair),
  ),
  'severity-from': severityFrom,
  ...distributionTable,
});

type JudgingChoice = OptionValues<typeof judgingOptions>;

function optionsOf(option: (typeof distributionOptions)[number]): [name: string, Option][] {
  const { name, type, help } = option;
  if (type === 'choice')
    return [[name, choice(option.of, `${help}: %`, { metavar: 'NAME', noun: option.what })]];
  return [
    [name, flag(help)],
    [`no-${name}`, flag(`the opposite of --${name}`)],
  ];
}

function platformPair(text: string): [from: string, to: string] | undefined {
  const [from, to] = text.split('=');
  return from && to ? [from, to] : undefined;
}

/** Options for judging an image. */
export function judgeChoice(
  options: JudgingChoice & OptionValues<typeof ageOptions>,
  now: Date,
): JudgeOptions & { now: Date } {
  const maxAge = options['max-age'];
  return {
    ...platformOptions(options),
    ...severityOptions(options),
    settings: settings(options),
    now,
    ...(maxAge === undefined ? {} : { maxAge }),
  };
}

/** Sources of ratings in order of precedence, if the options set it. */
export function severityOptions(options: JudgingChoice): { severityFrom?: RatingSource[] } {
  const order = options['severity-from'];
  return order === undefined ? {} : { severityFrom: order };
}

/** Values of the distributions' own options. */
export function settings(options: JudgingChoice): Record<string, string | boolean> {
  const given = new Map<string, unknown>(Object.entries(options));
  const chosen: Record<string, string | boolean> = {};
  for (const { name, type } of distributionOptions) {
    const value = given.get(name);
    if (type === 'flag') {
      if (value === true) chosen[name] = true;
      else if (given.get(`no-${name}`) === true) chosen[name] = false;
    } else if (typeof value === 'string') chosen[name] = value;
  }
  return chosen;
}

/** The platform that the options name, or their map from the image's own name to one. */
export function platformOptions(options: JudgingChoice): { platform?: string; map: Map<string, string> } {
  const map = new Map(options['platform-map']);
  const platform = judgedPlatform(options.platform);
  return platform === undefined ? { map } : { platform, map };
}
