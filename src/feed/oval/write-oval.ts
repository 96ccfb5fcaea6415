import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { dateOfIndex } from '../../model/data-date.ts';
import type { PlatformIndex } from '../../model/feed/index.ts';
import { type CopyFormat, writeCopy } from '../../oval/document/copies.ts';
import { FactsTexts, type OvalSummary, OvalWriter } from '../../oval/document/document.ts';
import { notWritable, Section } from '../../oval/document/section.ts';
import { definitionsOf, type OvalForm } from '../../oval/forms/form.ts';
import { InexactList } from '../../oval/forms/inexact.ts';
import { ovalNamespace } from '../../oval/forms/rows.ts';
import { platformForms, withoutOval } from './platform-forms.ts';

export interface OvalOptions {
  toolVersion: string;
  /** Suffixes of the forms to write (`oval`, `unfixed.oval`, ...); default: all. */
  forms?: readonly string[];
  /** Compressed copies beside each file. */
  copies?: readonly CopyFormat[];
}

/** An OVAL file that was written. */
export interface OvalFile extends OvalSummary {
  /** File name in the directory. */
  name: string;
}

/** The OVAL of one platform: its files, and what they cannot express. */
export interface OvalReport {
  platform: string;
  files: OvalFile[];
  /** File name and length of the list of what OVAL cannot express as the index does. Absent without files. */
  inexact: { name: string; items: number; causes: string[] };
  /** Reason why there are no files. */
  without?: string;
}

/**
 * Writes every OVAL file of a platform into an existing directory. All files get their names together at the end: a
 * failure leaves the earlier ones as they were.
 * @throws {ScapfeedError} OUTPUT_NOT_WRITABLE, or SOURCE_MALFORMED for a claim that XML cannot hold
 */
export async function writeOval(
  index: PlatformIndex,
  directory: string,
  options: OvalOptions,
): Promise<OvalReport> {
  const inexact = new InexactList();
  const { forms: all, context } = platformForms(index, inexact);
  const forms = all.filter(({ suffix }) => options.forms?.includes(suffix) ?? true);
  const documents: OvalWriter[] = [];
  const texts = new FactsTexts();
  const listName = `${index.platform.id}.inexact.json`;
  const list = new Section(join(directory, `${listName}.partial`));
  try {
    for (const form of forms) documents.push(openDocument(index, directory, form, texts, options));
    for (const [at, definition] of definitionsOf(context, forms)) documents[at]!.definition(definition);
    const files = forms.map((form, at) => ({ name: fileName(index, form), ...documents[at]!.finish() }));
    if (forms.length > 0) inexact.write(list, index);
    for (const document of documents) document.publish();
    if (forms.length > 0) publishList(list, join(directory, listName));
    for (const { path } of documents) {
      for (const format of options.copies ?? []) await writeCopy(path, format);
    }
    const causes = [...new Set(inexact.entries().map(({ cause }) => cause))];
    return {
      platform: index.platform.id,
      files,
      inexact: { name: listName, items: inexact.items, causes },
      ...(all.length === 0 ? { without: withoutOval(index.platform) } : {}),
    };
  } catch (error) {
    for (const document of documents) document.abandon();
    list.discard();
    throw error;
  }
}

function fileName(index: PlatformIndex, form: OvalForm): string {
  return `${index.platform.id}.${form.suffix}.xml`;
}

function openDocument(
  index: PlatformIndex,
  directory: string,
  form: OvalForm,
  texts: FactsTexts,
  { toolVersion }: OvalOptions,
): OvalWriter {
  const header = { namespace: ovalNamespace(index.platform.id), updated: dateOfIndex(index), toolVersion };
  return new OvalWriter(join(directory, fileName(index, form)), header, texts);
}

function publishList(list: Section, path: string): void {
  try {
    renameSync(list.path, path);
  } catch (cause) {
    throw notWritable(path, cause);
  }
}
