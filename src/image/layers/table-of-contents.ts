import { readAll } from '../../io/bytes.ts';
import { isDigest } from '../../io/digest.ts';
import type { TarType } from '../../io/tar/format.ts';
import { type TarEntry, TarReader } from '../../io/tar/reader.ts';
import { mostUnfolded } from '../../io/unfolding.ts';
import { type Budget, malformed } from '../limits.ts';
import { type JsonObject, parseBoundedJson, requireArray, requireObject } from '../manifest/bounded-json.ts';
import { verifyDigest } from '../manifest/digest.ts';
import { imageTarRules } from '../tar-rules.ts';
import { plainLayer } from './plain-layer.ts';

/** Where a layer has its table of contents, and the table's digest by the manifest. */
export type TablePlace =
  | { form: 'estargz'; digest: string }
  | { form: 'zstd:chunked'; digest: string; offset: number; size: number; plainSize: number };

/** A layer of which parts can be fetched. */
export interface LayerParts {
  table: TablePlace;
  /** Of the whole, as stored. */
  size: number;
  read(span: { offset: number; size: number }): AsyncIterable<Buffer>;
}

const stargzDigest = 'containerd.io/snapshot/stargz/toc.digest';
const chunkedDigest = 'io.github.containers.zstd-chunked.manifest-checksum';
const chunkedPosition = 'io.github.containers.zstd-chunked.manifest-position';

/** Where a layer has its table, by the annotations of its descriptor; undefined: none that is known. */
export function tablePlace(annotations: Readonly<Record<string, string>>): TablePlace | undefined {
  const { [stargzDigest]: stargz, [chunkedDigest]: chunked, [chunkedPosition]: position = '' } = annotations;
  // Two tables may say two things; podman reads neither.
  if ((stargz === undefined) === (chunked === undefined)) return undefined;
  const digest = stargz ?? chunked;
  if (digest === undefined || !isDigest(digest)) return undefined;
  if (stargz !== undefined) return { form: 'estargz', digest };
  const [, offset, size, plainSize] = /^(\d{1,15}):(\d{1,15}):(\d{1,15}):1$/.exec(position) ?? [];
  if (offset === undefined) return undefined;
  return {
    form: 'zstd:chunked',
    digest,
    offset: Number(offset),
    size: Number(size),
    plainSize: Number(plainSize),
  };
}

/** Where the content of a regular file is stored: decompressed, it is the `size` bytes after the first `skip`. */
export interface StoredContent {
  offset: number;
  end: number;
  skip: number;
  size: number;
  digest: string;
}

/** An entry as the layer's tar has it; `content`: of a regular file that is not empty. */
export interface ListedEntry {
  entry: TarEntry;
  content?: StoredContent;
}

/** The entries of a layer in the order of its tar, by its table of contents. @throws IMAGE_*, FETCH_* */
export async function readTable(parts: LayerParts, budget: Budget, where: string): Promise<ListedEntry[]> {
  const { table, size } = parts;
  const place = `${where}, table of contents`;
  const { json, end } =
    table.form === 'estargz'
      ? await stargzTable(parts, budget, place)
      : { json: await chunkedTable(parts, table, budget, place), end: table.offset };
  const document = requireObject(parseBoundedJson(json, budget, 'tableBytes', place), place);
  if (document['version'] !== 1) throw malformed('expected a table of version 1', place);
  const list = new EntryList(Math.min(end, size), budget, place);
  for (const [at, value] of requireArray(document['entries'], place).entries())
    list.add(requireObject(value, `${place}, entry ${at + 1}`), `${place}, entry ${at + 1}`);
  return list.entries();
}

/** A zstd frame within a frame that decoders skip; the digest is of the compressed bytes. */
async function chunkedTable(
  parts: LayerParts,
  { digest, offset, size, plainSize }: Extract<TablePlace, { form: 'zstd:chunked' }>,
  budget: Budget,
  where: string,
): Promise<Buffer> {
  budget.check('tableBytes', Math.max(size, plainSize), where);
  const stored = await readSpan(parts, offset, size, where);
  verifyDigest(stored, digest, where);
  return plainBytes(stored, plainSize, budget, where);
}

/** The footer of an eStargz layer: an empty gzip member with the table's offset in its extra field. */
const footerBytes = 51;
const footerForm = /^\x1f\x8b\x08\x04.{6}\x1a\0SG\x16\0([0-9a-f]{16})STARGZ/s;
const tocName = 'stargz.index.json';
/** Bytes at a layer's end that are fetched at once, by its size: most tables are shorter. */
const tailBytes = (size: number) =>
  Math.min(size, Math.max(32 << 10, Math.min(512 << 10, Math.ceil(size / 512))));

/** The last file of the tar. */
async function stargzTable(
  parts: LayerParts,
  budget: Budget,
  where: string,
): Promise<{ json: Buffer; end: number }> {
  const { size, table } = parts;
  const start = size - tailBytes(size);
  const tail = await readSpan(parts, start, size - start, where);
  const found = footerForm.exec(tail.toString('latin1', Math.max(0, tail.length - footerBytes)))?.[1];
  const end = Number.parseInt(found ?? '', 16);
  if (!(end < size - footerBytes)) throw malformed('expected the footer of an eStargz layer', where);
  budget.check('tableBytes', size - end, where);
  const stored =
    end < start
      ? Buffer.concat([await readSpan(parts, end, start - end, where), tail])
      : tail.subarray(end - start);
  const tar = await plainBytes(
    stored.subarray(0, -footerBytes),
    budget.limits.tableBytes + blocksAround,
    budget,
    where,
  );
  const json = onlyFile(tar, budget, where);
  verifyDigest(json, table.digest, where);
  return { json, end };
}

/** Headers before and padding after the table in its tar. */
const blocksAround = 64 << 10;

function onlyFile(tar: Buffer, budget: Budget, where: string): Buffer {
  let size = -1;
  const content: Buffer[] = [];
  const reader = new TarReader(
    {
      entry(entry) {
        if (entry.name !== tocName || entry.type !== 'file' || size >= 0)
          throw malformed(`expected ${tocName} alone at the layer's end`, where);
        size = entry.size;
        return true;
      },
      data: (piece) => content.push(piece),
      entryEnd: () => undefined,
    },
    imageTarRules(budget, where),
  );
  reader.push(tar);
  reader.end();
  return Buffer.concat(content);
}

/** A few thousand bytes may make a million entries: a table is bounded by what was received, as documents are. */
async function plainBytes(stored: Buffer, maxBytes: number, budget: Budget, where: string): Promise<Buffer> {
  const most = Math.min(maxBytes, mostUnfolded(stored.length));
  const bound = { maxBytes: most, code: 'IMAGE_LIMIT_EXCEEDED' as const, where };
  return readAll(plainLayer(once(stored), budget, where), bound);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Bytes of a layer as stored. Errors: IMAGE_MALFORMED for a span that is not in the layer, or answered with fewer or more bytes. */
async function readSpan(parts: LayerParts, offset: number, size: number, where: string): Promise<Buffer> {
  if (size === 0 || offset + size > parts.size)
    throw malformed(`expected a place within ${parts.size} bytes, found ${size} bytes at ${offset}`, where);
  const bytes = await readAll(parts.read({ offset, size }), {
    maxBytes: size,
    code: 'IMAGE_MALFORMED',
    where,
  });
  if (bytes.length < size) throw malformed(`expected ${size} bytes, found ${bytes.length}`, where);
  return bytes;
}

const types: Readonly<Record<string, TarType>> = {
  reg: 'file',
  dir: 'directory',
  symlink: 'symlink',
  hardlink: 'hardlink',
  char: 'other',
  block: 'other',
  fifo: 'other',
};

/** Reads the entries of a table one after the other: contents follow each other in the layer and never overlap. */
class EntryList {
  readonly #end: number;
  readonly #where: string;
  readonly #rules: ReturnType<typeof imageTarRules>;
  readonly #entries: ListedEntry[] = [];
  /** Contents whose end is where the next one begins. */
  #open: StoredContent[] = [];
  /** The file that the next chunks continue, and its bytes so far. `isOpen`: the end of its content is not known yet. */
  #file: { name: string; content: StoredContent; covered: number; isOpen: boolean } | undefined;
  /** The last offset, and where the next content may begin. */
  #last = { offset: 0, skip: 0, end: 0 };

  constructor(end: number, budget: Budget, where: string) {
    this.#end = end;
    this.#where = where;
    this.#rules = imageTarRules(budget, where);
  }

  add(value: JsonObject, where: string): void {
    if (value['type'] === 'chunk') this.#chunk(value, where);
    else this.#entry(value, where);
  }

  /** Errors: IMAGE_MALFORMED for a file that its chunks do not fill. */
  entries(): ListedEntry[] {
    this.#endFile(this.#where);
    for (const content of this.#open) content.end = this.#end;
    return this.#entries;
  }

  #entry(value: JsonObject, where: string): void {
    this.#endFile(where);
    const entry = tarEntry(value, where);
    this.#rules.checkEntry(entry, where);
    const content = entry.type === 'file' && entry.size > 0 ? this.#content(value, entry, where) : undefined;
    this.#entries.push({ entry, ...(content && { content }) });
  }

  #content(value: JsonObject, { name, size }: TarEntry, where: string): StoredContent {
    const { digest, endOffset } = value;
    const skip = natural(value, 'innerOffset', where);
    const offset = this.#place(value, skip, where);
    const end = endOffset === undefined ? undefined : natural(value, 'endOffset', where);
    if (end !== undefined && (end <= offset || end > this.#end))
      throw malformed(`expected an end after ${offset} and up to ${this.#end}, found ${end}`, where);
    const content: StoredContent = {
      ...{ offset, end: end ?? this.#end, skip, size },
      digest: typeof digest === 'string' && isDigest(digest) ? digest : '',
    };
    if (end === undefined) this.#open.push(content);
    else this.#last.end = end;
    const covered = natural(value, 'chunkSize', where) || size;
    this.#file = { name, content, covered, isOpen: end === undefined };
    return content;
  }

  #chunk(value: JsonObject, where: string): void {
    const file = this.#file;
    if (!file || value['name'] !== file.name) throw malformed('expected the file before its chunks', where);
    const { content } = file;
    if (natural(value, 'chunkOffset', where) !== file.covered || file.covered >= content.size)
      throw malformed(`expected a chunk at ${file.covered} of ${content.size} bytes`, where);
    file.covered += natural(value, 'chunkSize', where) || content.size - file.covered;
    // Zeros need not be stored; those of a file with an end are within it.
    if (file.isOpen) this.#place(value, natural(value, 'innerOffset', where), where, content);
  }

  #endFile(where: string): void {
    const file = this.#file;
    this.#file = undefined;
    if (file && file.covered !== file.content.size)
      throw malformed(`expected chunks of ${file.content.size} bytes, found ${file.covered}`, where);
  }

  /** Where a content or chunk begins. `of`: the content that a chunk continues. */
  #place(value: JsonObject, skip: number, where: string, of?: StoredContent): number {
    const offset = natural(value, 'offset', where);
    const isSame = offset === this.#last.offset && skip > this.#last.skip;
    if (
      offset === 0 ||
      offset >= this.#end ||
      offset < this.#last.end ||
      !(offset > this.#last.offset || isSame)
    )
      throw malformed(
        `expected a content after the one before it and before ${this.#end}, found ${offset}`,
        where,
      );
    if (!isSame) {
      for (const content of this.#open) if (content !== of) content.end = offset;
      this.#open = of ? [of] : [];
    }
    this.#last = { offset, skip, end: this.#last.end };
    return offset;
  }
}

function tarEntry(value: JsonObject, where: string): TarEntry {
  const { name, type, linkName, modtime } = value;
  const kind = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined;
  if (typeof name !== 'string' || kind === undefined)
    throw malformed('expected an entry with a name and a known type', where);
  const xattrs = xattrsOf(value['xattrs']);
  return {
    name,
    linkName: typeof linkName === 'string' ? linkName : '',
    type: kind,
    size: kind === 'file' ? natural(value, 'size', where) : 0,
    mode: natural(value, 'mode', where) % 0o10000,
    uid: natural(value, 'uid', where),
    gid: natural(value, 'gid', where),
    mtime: typeof modtime === 'string' ? Date.parse(modtime) / 1000 : Number.NaN,
    ...(xattrs && { xattrs }),
    dataOffset: 0,
  };
}

function xattrsOf(value: unknown): Map<string, Buffer> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const known = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return new Map(known.map(([name, text]) => [name, Buffer.from(text, 'base64')]));
}

/** A whole number that is not negative; 0 if it is not given. */
function natural(value: JsonObject, name: string, where: string): number {
  const number = value[name] ?? 0;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw malformed(
    `expected a whole number as ${name}, found ${JSON.stringify(number)?.slice(0, 100)}`,
    where,
  );
}
