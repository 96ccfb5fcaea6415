interface NowWritten {
  option: string;
  value: string;
}

const replacements: Readonly<Record<string, NowWritten>> = {
  'fail-on-unrated': { option: 'fail-on', value: 'unrated' },
  'fail-on-unknown': { option: 'fail-on', value: 'unsettled' },
  'fail-on-unjudged': { option: 'fail-on', value: 'unjudged' },
  ltss: { option: 'stream', value: 'ltss' },
  'no-ltss': { option: 'stream', value: 'main' },
  pro: { option: 'stream', value: 'pro' },
  'no-pro': { option: 'stream', value: 'main' },
};

/** Options of former versions that others took the place of. */
export const formerOptions: readonly string[] = Object.keys(replacements);

/** The current spelling of a former option, if one of `known` replaced it. */
export function nowWritten(former: string, known: readonly string[]): NowWritten | undefined {
  const now = Object.hasOwn(replacements, former) ? replacements[former] : undefined;
  return now && known.includes(now.option) ? now : undefined;
}

/** Commands of former versions: the command that took their place. */
export const formerCommands: ReadonlyMap<string, string> = new Map([
  ['convert', 'report'],
  ['rebuild', 'validate FEED --rebuild'],
]);
