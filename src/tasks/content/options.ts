import { feedOptions, publishedFeedOptions } from '../feed-options.ts';
import { registryOptions } from '../image/options.ts';
import { flag, group, inLibrary, ofCommandLine, path, repeatable, text } from '../option.ts';
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

/** The options of `guide`. */
export const guideOptions = {
  profile: text('ID', "the profile: its id or the end of it (default: the benchmark's own selection)"),
  ...contentOptions,
};

/** The options of `profiles`. */
export const profilesOptions = {
  content: path('FILE', 'list the profiles of this content instead'),
  ...contentOptions,
  ...feedOptions,
  ...publishedFeedOptions,
  ...registryOptions,
};

/** Changes to a profile: ids of rules and groups, or their last parts. */
export interface TailoringParameters {
  select?: readonly string[];
  unselect?: readonly string[];
}

/** The options of {@link TailoringParameters}. */
export const tailoringOptions = {
  select: repeatable(text('RULE', 'select this rule or group')),
  unselect: repeatable(text('RULE', 'unselect this rule or group')),
} satisfies OptionTableOf<TailoringParameters>;

/** The options of `tailor`. */
export const tailorOptions = {
  content: path('CONTENT', 'the data stream, benchmark or compiled benchmark to tailor'),
  page: ofCommandLine(
    path('CONTENT', 'write an HTML page for tailoring this content in a browser: one file, no server needed'),
  ),
  profile: text('ID', 'the profile that a new file starts from'),
  list: ofCommandLine(flag('print the rules (selected, severity, id, title) instead')),
  ...tailoringOptions,
  set: repeatable(text('VALUE=TEXT', 'set a value')),
  severity: repeatable(text('RULE=S', 'rate a rule: info, low, medium, high')),
  ...contentOptions,
};
