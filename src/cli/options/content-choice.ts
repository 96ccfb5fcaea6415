import type { contentOptions } from '../../tasks/content/options.ts';
import type { OptionValues } from '../../tasks/option.ts';

/** Options for reading content. */
export function contentChoice(options: OptionValues<typeof contentOptions>): {
  localFiles?: string;
  stream?: string;
  checklist?: string;
  dictionaries?: string[];
} {
  const { 'local-files': localFiles, datastream: stream, checklist, cpe: dictionaries } = options;
  return {
    ...(localFiles === undefined ? {} : { localFiles }),
    ...(stream === undefined ? {} : { stream }),
    ...(checklist === undefined ? {} : { checklist }),
    ...(dictionaries === undefined ? {} : { dictionaries }),
  };
}
