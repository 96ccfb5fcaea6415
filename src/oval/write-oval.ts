import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { redHatForms } from '../distros/redhat/oval/forms.ts';
import type { PlatformIndex } from '../model/index.ts';
import type { Definition } from './components.ts';
import { type CopyFormat, writeCopy } from './copies.ts';
import { Describer } from './describe.ts';
import { type DocumentSummary, FactsTexts, OvalDocument } from './document.ts';
import { debianForms, ubuntuForms } from './dpkg-forms.ts';
import { definitionsOf, type FormMaker, type OvalForm } from './form.ts';
import { InexactList } from './inexact.ts';
import { ovalNamespace } from './rows.ts';
import { notWritable, Section } from './section.ts';

export interface OvalOptions {
  toolVersion: string;
  /** Suffixes of the forms to write (`oval`, `unfixed.oval`, ...); default: all of the platform. */
  forms?: readonly string[];
  /** Compressed copies beside each file. */
  copies?: readonly CopyFormat[];
}

export interface OvalFile extends DocumentSummary {
  /** File name in the directory. */
  name: string;
}

export interface OvalReport {
  platform: string;
  files: OvalFile[];
  /** File name of the list of what OVAL cannot say as the index does (none beside no files), and how long it is. */
  inexact: { name: string; items: number; causes: string[] };
}

/**
 * Writes every OVAL file of a platform into a directory that exists. All files get their names together at the end:
 * a failure leaves the earlier ones as they were.
 * @throws {ScapfeedError} OUTPUT_NOT_WRITABLE, or SOURCE_MALFORMED for a claim that XML cannot hold
 */
export async function writeOval(
  index: PlatformIndex,
  directory: string,
  options: OvalOptions,
): Promise<OvalReport> {
  const inexact = new InexactList();
  const forms = formsOf(index, inexact).filter(({ suffix }) => options.forms?.includes(suffix) ?? true);
  const documents: OvalDocument[] = [];
  const texts = new FactsTexts();
  const listName = `${index.platform.id}.inexact.json`;
  const list = new Section(join(directory, `${listName}.partial`));
  try {
    for (const form of forms) documents.push(openDocument(index, directory, form, texts, options));
    for (const [at, definition] of definitionsOf(index, forms)) documents[at]!.definition(definition);
    const files = forms.map((form, at) => ({ name: fileName(index, form), ...documents[at]!.finish() }));
    if (forms.length > 0) inexact.write(list, index);
    for (const document of documents) document.publish();
    if (forms.length > 0) publishList(list, join(directory, listName));
    for (const { path } of documents) {
      for (const format of options.copies ?? []) await writeCopy(path, format);
    }
    const causes = [...new Set(inexact.entries().map(({ cause }) => cause))];
    return { platform: index.platform.id, files, inexact: { name: listName, items: inexact.items, causes } };
  } catch (error) {
    for (const document of documents) document.abandon();
    list.discard();
    throw error;
  }
}

/**
 * The definitions of one form, as the file of that suffix holds them: for what is made from OVAL, such as benchmarks.
 * Empty when the platform has no such form.
 */
export function* eachDefinition(index: PlatformIndex, suffix: string): Generator<Definition> {
  const forms = formsOf(index, new InexactList()).filter((form) => form.suffix === suffix);
  for (const [, definition] of definitionsOf(index, forms)) yield definition;
}

/** The forms by the platform's own name in os-release. */
const formMakers: Readonly<Record<string, FormMaker>> = {
  debian: debianForms,
  ubuntu: ubuntuForms,
  rhel: redHatForms,
};

/** Layered products of Red Hat are chosen by CPEs, which OVAL's package tests cannot see: the report has no files. */
const noForms: FormMaker = () => [];

/** Whether a platform has any form of OVAL. */
export function hasOval({ platform }: Pick<PlatformIndex, 'platform'>): boolean {
  return formMakers[platform.os.id] !== undefined;
}

function formsOf(index: PlatformIndex, inexact: InexactList): OvalForm[] {
  const maker = formMakers[index.platform.os.id] ?? noForms;
  return maker({ index, inexact, describer: new Describer(index) });
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
): OvalDocument {
  const header = { namespace: ovalNamespace(index.platform.id), updated: index.updated, toolVersion };
  return new OvalDocument(join(directory, fileName(index, form)), header, texts);
}

function publishList(list: Section, path: string): void {
  try {
    renameSync(list.path, path);
  } catch (cause) {
    throw notWritable(path, cause);
  }
}
