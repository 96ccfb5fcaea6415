import builtIn from '../../feeds/content.json' with { type: 'json' };
import { parseForeignJson } from '../io/foreign-json.ts';
import { ScapfeedError } from '../model/error.ts';
import { schemaErrors } from '../validate/json-schema.ts';

/** `feeds/content.json`: the SCAP content that a feed carries, and where it is. */
export interface ContentList {
  content: readonly ContentEntry[];
}

export type ContentEntry = ReleaseEntry | FolderEntry | StreamEntry;

interface EntryBase {
  /** Name of the input in the manifest. */
  id: string;
  /** SPDX expression. */
  licence: string;
}

/** A zip with data streams `ssg-PRODUCT-ds.xml`, as ComplianceAsCode releases them, and the file with its sha512. */
export interface ReleaseEntry extends EntryBase {
  release: string;
  sha512: string;
  products: readonly string[];
}

/** A folder with data streams `ssg-PRODUCT-ds.xml`, as Debian's packages install them. */
export interface FolderEntry extends EntryBase {
  folder: string;
  products: readonly string[];
}

/** One data stream, by address or path. */
export interface StreamEntry extends EntryBase {
  stream: string;
  product: string;
  sha256?: string;
}

/** The list that comes with scapfeed. A test checks it by schemas/content-list.schema.json. */
export const builtInList: ContentList = builtIn;

/** File name of a product's data stream in a release or folder. */
export function streamName(product: string): string {
  return `ssg-${product}-ds.xml`;
}

/** Reads a list. @throws SOURCE_MALFORMED where it breaks its schema or gives one name twice */
export function parseContentList(text: string, where: string): ContentList {
  let list: unknown;
  try {
    list = parseForeignJson(text);
  } catch (cause) {
    throw malformed(where, 'it is not JSON', cause);
  }
  const [error] = schemaErrors('content-list', list);
  if (error !== undefined) throw malformed(where, error);
  const { content } = list as ContentList;
  for (const names of [content.map(({ id }) => id), content.flatMap(productsOf)]) {
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) throw malformed(where, `the name ${twice} is given twice`);
  }
  return list as ContentList;
}

function productsOf(entry: ContentEntry): readonly string[] {
  return 'stream' in entry ? [entry.product] : entry.products;
}

function malformed(where: string, fault: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a list of SCAP content: ${fault}`,
    where,
    remedy: 'correct it; its schema is schemas/content-list.schema.json, an example is feeds/content.json',
    cause,
  });
}
