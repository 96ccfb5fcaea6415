import { isScapfeedError } from '../../model/error.ts';
import { parameterName } from '../../tasks/parameters.ts';

/** Parameter names that do not follow from the option's name. */
const otherNames: Readonly<Record<string, string>> = {
  platform: 'judgedAs',
  'ca-file': 'ca',
  'allow-private-webhook': 'allowPrivateReceivers',
  'allow-link-local-registry': 'allowLinkLocalRegistries',
  'insecure-registry': 'insecureRegistries',
};

/**
 * Spells the command's options in an error as the parameters that a function has for them. Others, and whole commands between
 * backquotes, are left: they are for the command line.
 */
export function withParameters(error: unknown, names: ReadonlySet<string>): unknown {
  if (!isScapfeedError(error)) return error;
  const { message, remedy } = error;
  return Object.assign(error, {
    message: spelled(message, names),
    ...(remedy !== undefined && { remedy: spelled(remedy, names) }),
  });
}

function spelled(text: string, names: ReadonlySet<string>): string {
  return text.replace(/`[^`]*`|--([a-z][a-z-]*[a-z])/g, (whole, option: string | undefined) => {
    if (option === undefined) return whole;
    const name = parameterName(option);
    const without = option.startsWith('no-') ? parameterName(option.slice('no-'.length)) : '';
    if (names.has(without)) return `${without}: false`;
    return (
      [otherNames[option], name, `${name}s`].find((each) => each !== undefined && names.has(each)) ?? whole
    );
  });
}
