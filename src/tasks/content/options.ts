import { group, inLibrary, path, repeatable, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** A file of SCAP content and how to read it. */
export interface ContentFile {
  file: string;
  /** Folder with local copies of remote resources that the content refers to. */
  localFiles?: string;
  /** The data stream of the collection to use. */
  stream?: string;
  checklist?: string;
  /** Paths of additional CPE dictionaries. */
  dictionaries?: readonly string[];
}

/** Options of every command that reads SCAP content. */
export const contentOptions = group('Content', {
  'local-files': path(
    'DIR',
    'read remote components of the content from this folder; nothing is ever fetched',
  ),
  datastream: inLibrary(
    'stream',
    text('ID', 'the data stream of the collection to use (default: the first)'),
  ),
  checklist: text('ID', 'the checklist to use, by reference, component or benchmark id (default: the first)'),
  cpe: inLibrary('dictionaries', repeatable(path('FILE', 'an additional CPE dictionary'))),
} satisfies OptionTableOf<Omit<ContentFile, 'file'>, { datastream: 'stream'; cpe: 'dictionaries' }>);
