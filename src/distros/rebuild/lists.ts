import { readItems } from '../../io/json-items.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Download } from '../../sources/download.ts';
import { readBuild } from '../../sources/errata/build.ts';
import {
  type Erratum,
  type ErratumPackage,
  type Fault,
  moduleWord,
  ofThisCentury,
} from '../../sources/errata/erratum.ts';
import { readRows, subjectsIn } from '../../sources/errata/rows.ts';
import { list, malformed, optionalText, record, text, textOrNone, word } from '../../sources/fields.ts';
import { namesItself, parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { ListsDefinition, RebuildData, RebuildRelease } from './definition.ts';

/** An erratum of errata.full.json. */
export interface ListedErratum extends Erratum {
  /** Seconds since 1970; may be before the issue. */
  updated: number | undefined;
}

/** `subjects`: what an erratum is about that cannot be read. */
export type ReadErratum = { at: number } & (
  | { erratum: ListedErratum }
  | { fault: Fault; subjects: Pick<Fault, 'package'>[] }
);

/** Those of AlmaLinux 8 have some 100 MB. */
const maxErrataBytes = 2 ** 30;

export function errataInput(
  { major }: RebuildRelease,
  { rebuild: { id }, definition: { errata } }: RebuildData<ListsDefinition>,
): Download {
  return {
    source: id,
    id: `${id}-errata-${major}`,
    url: `${errata}/${major}/errata.full.json`,
    kind: 'json',
    maxBytes: maxErrataBytes,
  };
}

/** The largest are those of the kernel, with some 400 kB. */
const maxErratumBytes = 2 ** 26;

/**
 * The errata of a release, one at a time, whatever the length of the document. `idForm`: that of their ids.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED if the document is not one at all
 */
export async function* readErrata(
  body: AsyncIterable<Uint8Array>,
  where: string,
  idForm: RegExp,
): AsyncGenerator<ReadErratum> {
  const faults: ReadErratum[] = [];
  const noObject = (at: number, message: string) =>
    faults.push({ at, fault: { pointer: `/data/${at}`, message }, subjects: [{}] });
  let rest: string | undefined;
  for await (const read of readItems(body, {
    list: 'data',
    maxItemBytes: maxErratumBytes,
    where,
    tooLong: (at) => noObject(at, `more than ${maxErratumBytes} bytes`),
    stray: (at) => noObject(at, 'expected an object, found another value'),
  })) {
    if ('rest' in read) rest = read.rest;
    else yield readOne(read.item, read.at, idForm);
  }
  requireDocument(rest, where);
  yield* faults;
}

/** The text of the first erratum with this id, and its place in the list; undefined: there is none. */
export async function erratumText(
  body: AsyncIterable<Uint8Array>,
  where: string,
  id: string,
): Promise<{ at: number; item: string } | undefined> {
  const options = {
    list: 'data',
    maxItemBytes: maxErratumBytes,
    where,
    tooLong: () => undefined,
    stray: () => undefined,
  };
  for await (const read of readItems(body, options))
    if ('item' in read && namesItself(read.item, 'id', id)) return read;
  return undefined;
}

function readOne(item: string, at: number, idForm: RegExp): ReadErratum {
  const pointer = `/data/${at}`;
  const erratum = readRecord(pointer, () => readErratum(record(parseJsonText(item), ''), pointer, idForm));
  if (!(erratum instanceof ScapfeedError)) return { at, erratum };
  const fault = { pointer: erratum.where ?? pointer, message: erratum.message };
  return { at, fault, subjects: subjectsIn(item, named) };
}

/** The document without its errata, which must be one of this kind. */
function requireDocument(rest: string | undefined, where: string): void {
  const read = readRecord(where, () => {
    const { data } = record(parseJsonText(rest ?? ''), '');
    if (!Array.isArray(data)) throw malformed('/data', 'a list of errata', data);
  });
  if (read instanceof ScapfeedError) throw read;
}

function readErratum(raw: Record<string, unknown>, at: string, idForm: RegExp): ListedErratum {
  const id = word(raw['id'], '/id');
  if (!idForm.test(id)) throw malformed('/id', 'the id of an erratum', id);
  const type = optionalText(raw['type'], '/type') ?? '';
  return {
    id,
    security: type.toLowerCase() === 'security',
    type,
    severity: optionalText(raw['severity'], '/severity') ?? '',
    title: textOrNone(raw['title']) ?? '',
    description: textOrNone(raw['description']) ?? '',
    issued: seconds(raw['issued_date']),
    updated: seconds(raw['updated_date']),
    page: pageOf(raw['references']),
    cves: cvesOf(raw['references']),
    modules: list<unknown>(raw['modules'], '/modules').flatMap((module, index) =>
      streamOf(record(module, `/modules/${index}`), `/modules/${index}`),
    ),
    ...readRows(raw['packages'], at, readPackage, named),
  };
}

/** The name in a row that does not have its form otherwise. */
function named(raw: unknown): { package?: string } {
  const name = (raw as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? { package: name } : {};
}

function readPackage(raw: Record<string, unknown>, pointer: string): ErratumPackage {
  const build = readBuild(raw);
  const label = optionalText(raw['module'], '/module') ?? '';
  const [module, stream] = label.split(':');
  const isModule = moduleWord.test(module ?? '') && moduleWord.test(stream ?? '');
  if (label !== '' && !isModule) throw malformed('/module', 'NAME:STREAM:…', label);
  return {
    ...build,
    module: label === '' ? undefined : `${module}:${stream}`,
    pointer,
  };
}

function streamOf(raw: Record<string, unknown>, pointer: string): { module: string; arch: string }[] {
  const name = textOrNone(raw['name']);
  // YAML once made a number of `10.10`.
  const stream = raw['stream'] === undefined || raw['stream'] === null ? undefined : String(raw['stream']);
  if (!moduleWord.test(name ?? '') || !moduleWord.test(stream ?? '')) return [];
  return [{ module: `${name}:${stream}`, arch: text(raw['arch'] ?? '', `${pointer}/arch`) }];
}

function pageOf(references: unknown): string | undefined {
  const own = list<unknown>(references, '/references')
    .map((item, index) => record(item, `/references/${index}`))
    .find(({ type }) => type === 'self');
  return textOrNone(own?.['href']);
}

function cvesOf(references: unknown): string[] {
  const ids = list<unknown>(references, '/references').flatMap((item, index) => {
    const { type, id } = record(item, `/references/${index}`);
    return typeof type === 'string' && type.toLowerCase() === 'cve'
      ? [text(id, `/references/${index}/id`).trim()]
      : [];
  });
  return [...new Set(ids)];
}

function seconds(value: unknown): number | undefined {
  return ofThisCentury(typeof value === 'string' ? Number(value) : value);
}
