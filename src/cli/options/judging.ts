import { streams } from '../../distros/judges.ts';
import { type EcosystemId, ecosystemIds, type RatingSource } from '../../model/index.ts';
import type { JudgeOptions } from '../../runtime/index.ts';
import { choice, flag, form, group, type OptionValues, repeatable, text } from '../../tasks/option.ts';
import { severityFrom } from '../../tasks/scan/options.ts';
import type { ageOptions } from './feed-choice.ts';
import { judgedPlatform } from './image-choice.ts';

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
  stream: choice(
    streams,
    'the stream of updates that the image gets; distributions that do not have it ignore it (default: as the image says): %',
    { metavar: 'NAME', noun: 'stream' },
  ),
  languages: repeatable(
    choice(ecosystemIds, 'judge packages of these languages only: %', { metavar: 'IDS', noun: 'ecosystem' }),
    { commas: true },
  ),
  'no-languages': flag('judge no packages of languages'),
});

type JudgingChoice = OptionValues<typeof judgingOptions>;

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
    ...streamOptions(options),
    ...languageOptions(options),
    now,
    ...(maxAge === undefined ? {} : { maxAge }),
  };
}

/** Sources of ratings in order of precedence, if the options set it. */
export function severityOptions(options: JudgingChoice): { severityFrom?: RatingSource[] } {
  const order = options['severity-from'];
  return order === undefined ? {} : { severityFrom: order };
}

/** The stream of updates, if the options name one. */
export function streamOptions({ stream }: JudgingChoice): { stream?: string } {
  return stream === undefined ? {} : { stream };
}

/** The ecosystems of the packages of languages that are judged, if the options limit them. */
export function languageOptions(options: JudgingChoice): { languages?: readonly EcosystemId[] } {
  if (options['no-languages']) return { languages: [] };
  return options.languages === undefined ? {} : { languages: options.languages };
}

/** The platform that the options name, or their map from the image's own name to one. */
export function platformOptions(options: JudgingChoice): { platform?: string; map: Map<string, string> } {
  const map = new Map(options['platform-map']);
  const platform = judgedPlatform(options.platform);
  return platform === undefined ? { map } : { platform, map };
}
