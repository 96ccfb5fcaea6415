import { group, type OptionValues, path, repeatable, text } from '../../tasks/option.ts';

/** Options of every command that reads SCAP content. */
export const contentOptions = group('Content', {
  'local-files': path(
    'DIR',
    'read remote components of the content from this folder; nothing is ever fetched',
  ),
  datastream: text('ID', 'the data stream of the collection to use (default: the first)'),
  checklist: text('ID', 'the checklist to use, by reference, component or benchmark id (default: the first)'),
  cpe: repeatable(path('FILE', 'an additional CPE dictionary')),
});

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
