import { readFile, rm, stat } from 'node:fs/promises';
import { someAtOnce } from '../../io/at-once.ts';
import { writeAtomically } from '../../io/files.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { watchKind } from '../../sources/document-kind.ts';
import { noErrata } from '../../sources/errata/malformed-share.ts';
import { record, textOrNone } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { Blob, Snapshot } from '../../sources/snapshots.ts';
import type { PagesDefinition, RebuildData } from './definition.ts';
import { advisoriesId, type PageHead, pageName, pageUrl, readPage } from './pages.ts';

/** A page of 100 advisories has some 2 MB. */
const maxPageBytes = 2 ** 28;
const maxListBytes = 2 ** 32;
const maxPages = 10_000;
/** The list moves while it is read; so often it is read before that is an error. */
const attempts = 3;

type Data = RebuildData<PagesDefinition>;

/** A stored page, with what it says of the list. */
interface Page extends PageHead {
  blob: Blob;
  /** Of its advisories; one without a name has its place. */
  names: readonly string[];
}

/**
 * Updates the pages of advisories. The list has no version and its pages no dates. Its first page has the newest advisories, their number and the time of the last
 * change: while that is the same, so are the others.
 */
export async function fetchPages(context: FetchContext, data: Data): Promise<Snapshot[]> {
  const { store, progress } = context;
  const url = data.definition.advisories;
  const source = data.rebuild.id;
  const id = advisoriesId(data.rebuild);
  const known = (await store.list(source)).find((each) => each.id === id && each.url === url);
  const resume = new ResumeList(context, data);
  let message = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    const first = await fetchPage(1, context, data.definition);
    if (first.total === 0) throw noErrata('advisories', url);
    const [stored] = known ? await store.documents(known) : [];
    if (known && stored?.sha256 === first.blob.sha256) {
      progress(`fetching ${id}`, { done: 0, total: 0, unit: 'pages' });
      return [known.refused === undefined ? known : await store.saveSet(known, await store.documents(known))];
    }
    const pages = await fetchOthers(first, resume, context, data);
    message = whyNotWhole(pages, first);
    if (message !== '') {
      progress(`${id}: ${message}: reading them again`);
      await resume.forget();
      continue;
    }
    const documents = pages.map(({ page, blob }) => ({ name: pageName(page), ...blob }));
    const saved = await store.saveSet({ id, source, url }, documents);
    await resume.forget();
    return [saved];
  }
  throw new ScapfeedError({
    code: 'FETCH_CHANGED',
    message: `the list changed each of ${attempts} times that it was read: ${message}`,
    where: url,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

async function fetchOthers(
  first: Page,
  resume: ResumeList,
  context: FetchContext,
  { rebuild, definition }: Data,
): Promise<Page[]> {
  const step = `fetching ${advisoriesId(rebuild)}`;
  const last = Math.ceil(first.total / first.size);
  if (last > maxPages) throw tooLarge(`${maxPages} pages`, `${last}`, definition);
  await resume.begin(first);
  let bytes = first.blob.size;
  let done = 1;
  context.progress(step, { done, total: last, unit: 'pages' });
  const numbers = Array.from({ length: last - 1 }, (_, at) => at + 2);
  const others = await someAtOnce(numbers, async (number) => {
    const page = (await resume.page(number)) ?? (await fetchPage(number, context, definition));
    bytes += page.blob.size;
    if (bytes > maxListBytes) throw tooLarge(`${maxListBytes} bytes of advisories`, 'more', definition);
    await resume.add(number, page);
    done += 1;
    context.progress(step, { done, total: last, unit: 'pages' });
    return page;
  });
  return [first, ...others];
}

function tooLarge(most: string, found: string, { advisories }: PagesDefinition): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected at most ${most}, found ${found}`,
    where: advisories,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

async function fetchPage(
  number: number,
  { http, store }: FetchContext,
  definition: PagesDefinition,
): Promise<Page> {
  const url = pageUrl(definition, number);
  const answer = await http.get(url, { maxBytes: maxPageBytes });
  if (answer.notModified)
    throw new ScapfeedError({ code: 'FETCH_FAILED', message: 'unexpected status 304', where: url });
  const blob = await store.put(watchKind(answer.body, 'json', url));
  const page = await pageOf(store.open(blob), blob, url);
  if (page.page !== number)
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `expected page ${number}, found page ${page.page}`,
      where: url,
      remedy: 'fetch it again later; the last good snapshot is kept',
    });
  return page;
}

async function pageOf(body: AsyncIterable<Uint8Array>, blob: Blob, where: string): Promise<Page> {
  const names: string[] = [];
  let head: PageHead | undefined;
  for await (const read of readPage(body, where)) {
    if ('head' in read) head = read.head;
    else names.push(('item' in read ? nameIn(read.item) : undefined) ?? `${blob.sha256}/${read.at}`);
  }
  return { ...head!, blob, names };
}

function nameIn(item: string): string | undefined {
  const read = readRecord('', () => textOrNone(record(parseJsonText(item), '')['name']));
  return read instanceof ScapfeedError ? undefined : read;
}

/** Signs that the list moved while it was read: a later page repeats an advisory, or lacks one. Empty: there are none. */
function whyNotWhole(pages: readonly Page[], { total, size }: PageHead): string {
  const moved = pages.find((page) => page.total !== total || page.size !== size);
  if (moved)
    return `the first page is of ${total} advisories by ${size}, page ${moved.page} of ${moved.total} by ${moved.size}`;
  const names = new Set(pages.flatMap((page) => page.names));
  return names.size === total ? '' : `the pages have ${names.size} of ${total} advisories`;
}

/** The pages that a fetch has stored, so that the next one goes on where it was interrupted, if the first page is still the same. */
class ResumeList {
  readonly #store: FetchContext['store'];
  readonly #path: string;
  readonly #definition: PagesDefinition;
  #first = '';
  #pages = new Map<number, Blob>();
  #writes: Promise<unknown> = Promise.resolve();

  constructor({ store }: FetchContext, { rebuild, definition }: Data) {
    this.#store = store;
    this.#definition = definition;
    this.#path = store.cache(`${advisoriesId(rebuild)}.pages`);
  }

  async begin({ blob }: Page): Promise<void> {
    this.#first = blob.sha256;
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const [first, ...lines] = text.split('\n');
    this.#pages = new Map(first === this.#first ? lines.flatMap(storedPage) : []);
  }

  /** Undefined: it was not stored, or is no longer. */
  async page(number: number): Promise<Page | undefined> {
    const blob = this.#pages.get(number);
    if (!blob || !(await stat(this.#store.path(blob)).catch(() => undefined))) return undefined;
    return pageOf(this.#store.open(blob), blob, pageUrl(this.#definition, number)).catch(() => undefined);
  }

  async add(number: number, { blob }: Page): Promise<void> {
    this.#pages.set(number, blob);
    const lines = [...this.#pages].map(([page, { sha256, size }]) => `${page} ${sha256} ${size}`);
    const write = this.#writes.then(() => writeAtomically(this.#path, [this.#first, ...lines].join('\n')));
    this.#writes = write.catch(() => undefined);
    await write;
  }

  async forget(): Promise<void> {
    this.#pages.clear();
    await rm(this.#path, { force: true });
  }
}

function storedPage(line: string): [number, Blob][] {
  const [, page, sha256, size] = /^(\d+) ([0-9a-f]{64}) (\d+)$/.exec(line) ?? [];
  return sha256 === undefined ? [] : [[Number(page), { sha256, size: Number(size) }]];
}
