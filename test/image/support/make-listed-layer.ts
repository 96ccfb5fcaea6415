import { gzipSync, zstdCompressSync } from 'node:zlib';
import { blobOf, type StoredLayer } from './make-image.ts';
import { file, makeTar, type TarInput } from './make-tar.ts';
import { zstdFrame } from './make-zstd.ts';

export const forms = ['estargz', 'zstd:chunked'] as const;
export type Form = (typeof forms)[number];

/** A row of a table of contents, as a test may forge it. */
export type Row = Record<string, unknown>;

export interface Listing {
  /** Bytes of a chunk; default: files have one. */
  chunk?: number;
  /** Forges the table before it gets its digest. */
  forge?(rows: Row[]): Row[];
  /** Forges the table's text. */
  text?(json: string): string;
  /** Files without a member of their own, but in that of the file before them: eStargz's innerOffset. */
  shared?: boolean;
  /** Compresses the table of zstd:chunked; default: a frame of the same length for each table of one length. */
  packed?: boolean;
}

const typeOfFlag: Record<string, string> = {
  '0': 'reg',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '5': 'dir',
  '6': 'fifo',
};

/** A layer with a table of contents, by the layouts that stargz-snapshotter and containers/storage document. */
export function listedLayer(entries: readonly TarInput[], form: Form, listing: Listing = {}): StoredLayer {
  const writer = new Writer(form, listing);
  for (const entry of entries) writer.add(entry);
  return writer.end();
}

class Writer {
  readonly #form: Form;
  readonly #listing: Listing;
  readonly #tar: Buffer[] = [];
  readonly #rows: Row[] = [];
  #stored: Buffer[] = [];
  /** Bytes of the tar of which no member or frame was made yet. */
  #open: Buffer[] = [];

  constructor(form: Form, listing: Listing) {
    this.#form = form;
    this.#listing = listing;
  }

  add(entry: TarInput): void {
    const blocks = makeTar([entry], { end: false });
    const content = Buffer.from(entry.content ?? '');
    const start = blocks.length - Math.ceil(content.length / 512) * 512;
    this.#append(blocks.subarray(0, start));
    const flag = entry.flag ?? (entry.name.endsWith('/') ? '5' : '0');
    const row: Row = {
      name: entry.name,
      type: typeOfFlag[flag],
      mode: entry.mode ?? 0o644,
      uid: entry.uid ?? 0,
      gid: entry.gid ?? 0,
      modtime: '1970-01-01T00:00:00Z',
      ...(entry.link !== undefined && { linkName: entry.link }),
      ...(entry.pax && { xattrs: xattrsOf(entry.pax) }),
    };
    this.#rows.push(row);
    if (content.length > 0) this.#content(row, content);
    this.#append(blocks.subarray(start + content.length));
  }

  #append(bytes: Buffer): void {
    this.#tar.push(bytes);
    this.#open.push(bytes);
  }

  #content(row: Row, content: Buffer): void {
    const isShared = this.#listing.shared === true && this.#rows.length > 2 && this.#form === 'estargz';
    if (!isShared) this.#flush();
    const size = this.#listing.chunk ?? content.length;
    for (let at = 0; at < content.length; at += size) {
      const chunk = content.subarray(at, at + size);
      if (at > 0) this.#flush();
      const skip = this.#open.reduce((sum, { length }) => sum + length, 0);
      const place = {
        // In a shared member, where that begins.
        offset: this.#length,
        ...(skip > 0 && { innerOffset: skip }),
        ...(chunk.length < content.length && { chunkOffset: at, chunkSize: chunk.length }),
        chunkDigest: blobOf(chunk).digest,
      };
      if (at === 0) Object.assign(row, { size: content.length, digest: blobOf(content).digest, ...place });
      else this.#rows.push({ name: row['name'], type: 'chunk', ...place });
      this.#append(chunk);
    }
    if (this.#form !== 'zstd:chunked') return;
    this.#flush();
    row['endOffset'] = this.#length;
  }

  get #length(): number {
    return this.#stored.reduce((sum, { length }) => sum + length, 0);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#open);
    this.#open = [];
    if (bytes.length > 0) this.#stored.push(this.#form === 'estargz' ? gzipSync(bytes) : zstdFrame(bytes));
  }

  end(): StoredLayer {
    const { forge = (rows) => rows, text = (json) => json } = this.#listing;
    const json = Buffer.from(text(JSON.stringify({ version: 1, entries: forge(this.#rows) })));
    return this.#form === 'estargz' ? this.#estargz(json) : this.#chunked(json);
  }

  #estargz(json: Buffer): StoredLayer {
    this.#flush();
    const offset = this.#length;
    this.#append(makeTar([file('stargz.index.json', json)]));
    this.#flush();
    const header = Buffer.from('1f8b0804000000000000', 'hex');
    const extra = Buffer.from(`\x1a\0SG\x16\0${offset.toString(16).padStart(16, '0')}STARGZ`, 'latin1');
    this.#stored.push(header, extra, Buffer.from('010000ffff0000000000000000', 'hex'));
    const annotations = { 'containerd.io/snapshot/stargz/toc.digest': blobOf(json).digest };
    return { tar: Buffer.concat(this.#tar), bytes: Buffer.concat(this.#stored), annotations };
  }

  #chunked(json: Buffer): StoredLayer {
    this.#append(Buffer.alloc(1024));
    this.#flush();
    const table = this.#listing.packed ? zstdCompressSync(json) : zstdFrame(json);
    const offset = this.#length + skippable(Buffer.alloc(0)).length;
    const numbers = [offset, table.length, json.length, 1];
    const footer = Buffer.alloc(40);
    for (const [at, number] of numbers.entries()) footer.writeBigUInt64LE(BigInt(number), at * 8);
    footer.write('GNUlInUx', 32);
    this.#stored.push(skippable(table), skippable(footer));
    const annotations = {
      'io.github.containers.zstd-chunked.manifest-checksum': blobOf(table).digest,
      'io.github.containers.zstd-chunked.manifest-position': numbers.join(':'),
    };
    return { tar: Buffer.concat(this.#tar), bytes: Buffer.concat(this.#stored), annotations };
  }
}

/** A frame that decoders skip (RFC 8878 3.1.2). */
function skippable(bytes: Buffer): Buffer {
  const header = Buffer.from('502a4d1800000000', 'hex');
  header.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

function xattrsOf(pax: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(pax).filter(([key]) => key.startsWith('SCHILY.xattr.'));
  return Object.fromEntries(
    named.map(([key, value]) => [key.slice('SCHILY.xattr.'.length), Buffer.from(value).toString('base64')]),
  );
}
