import { TarFault } from './fault.ts';
import { decodeText } from './header.ts';

/** The used records of an extended header, which apply to the next entry. */
export interface PaxRecords {
  path?: string;
  linkpath?: string;
  size?: number;
  uid?: number;
  gid?: number;
  /** Seconds since the epoch, cut to whole ones. */
  mtime?: number;
  /** Extended attributes by name. */
  xattrs?: Map<string, Buffer>;
  /** A file stored with holes (GNU.sparse.*): its stored bytes are not its content. */
  sparse?: SparseRecords;
}

export interface SparseRecords {
  /** The file's name: `path` is then a made-up one. */
  name?: string;
  /** With its holes. */
  size?: number;
}

/**
 * Records `LENGTH KEY=VALUE\n` of a pax extended header (POSIX.1-2017, "pax Extended Header"), read as container engines do
 * (Go's archive/tar): of two with one key the last counts, and one without a value leaves the header's own. Throws TarFault.
 */
export function parsePaxRecords(data: Buffer): PaxRecords {
  const records: PaxRecords = {};
  const sparse = new Map<string, Buffer>();
  for (let at = 0; at < data.length; ) {
    const length = recordLength(data, at);
    const record = data.subarray(data.indexOf(0x20, at) + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals === -1 || data[at + length - 1] !== 0x0a) {
      throw new TarFault('expected a pax record "length key=value", found something else');
    }
    const key = record.toString('latin1', 0, equals);
    const value = record.subarray(equals + 1);
    if (key.startsWith(gnuSparse)) sparse.set(key.slice(gnuSparse.length), value);
    else set(records, key, value);
    at += length;
  }
  if (isSparse(sparse)) records.sparse = sparseRecords(sparse);
  return records;
}

function recordLength(data: Buffer, at: number): number {
  const blank = data.indexOf(0x20, at);
  const digits = blank === -1 ? '' : data.toString('latin1', at, Math.min(blank, at + 16));
  const length = Number(digits);
  if (!/^[0-9]+$/.test(digits) || length < digits.length + 2 || at + length > data.length) {
    throw new TarFault(`expected the length of a pax record, found ${JSON.stringify(digits.slice(0, 16))}`);
  }
  return length;
}

function set(records: PaxRecords, key: string, value: Buffer): void {
  if (value.length === 0 && isHeaderKey(key)) delete records[key];
  else if (key === 'path') records.path = pathValue(value);
  else if (key === 'linkpath') records.linkpath = pathValue(value);
  else if (key === 'size') records.size = numberValue(value);
  else if (key === 'uid') records.uid = numberValue(value);
  else if (key === 'gid') records.gid = numberValue(value);
  else if (key === 'mtime') records.mtime = wholeSeconds(value.toString('latin1'));
  else if (key.startsWith(schily)) xattrsOf(records).set(key.slice(schily.length), Buffer.from(value));
  else if (key.startsWith(libarchive)) setLibarchive(records, key.slice(libarchive.length), value);
}

/** NaN for what is no number that a file system can hold: no archive is refused for its times. */
function wholeSeconds(text: string): number {
  const seconds = Math.floor(Number(text));
  return Number.isSafeInteger(seconds) ? seconds : Number.NaN;
}

/** Keys of what the header has a field for. */
const headerKeys = ['path', 'linkpath', 'size', 'uid', 'gid', 'mtime'] as const;

function isHeaderKey(key: string): key is (typeof headerKeys)[number] {
  return (headerKeys as readonly string[]).includes(key);
}

const gnuSparse = 'GNU.sparse.';

/** The versions 0.0, 0.1 and 1.0; the first two need not state their version, but have a map. A name alone is not enough. */
function isSparse(records: ReadonlyMap<string, Buffer>): boolean {
  const version = ['major', 'minor'].map((key) => records.get(key)?.toString('latin1') ?? '').join('.');
  if (version !== '.') return ['0.0', '0.1', '1.0'].includes(version);
  return ['map', 'offset', 'numbytes'].some((key) => (records.get(key)?.length ?? 0) > 0);
}

function sparseRecords(records: ReadonlyMap<string, Buffer>): SparseRecords {
  const filled = (key: string) => (records.get(key)?.length ? records.get(key) : undefined);
  const name = filled('name');
  const size = filled('size') ?? filled('realsize');
  return {
    ...(name && { name: pathValue(name) }),
    ...(size && { size: numberValue(size) }),
  };
}

const schily = 'SCHILY.xattr.';
const libarchive = 'LIBARCHIVE.xattr.';

function xattrsOf(records: PaxRecords): Map<string, Buffer> {
  records.xattrs ??= new Map();
  return records.xattrs;
}

/** libarchive writes both forms: names in percent encoding and values in base64 here. The other one counts. */
function setLibarchive(records: PaxRecords, name: string, value: Buffer): void {
  const xattrs = xattrsOf(records);
  const decoded = name.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  if (!xattrs.has(decoded)) xattrs.set(decoded, Buffer.from(value.toString('latin1'), 'base64'));
}

function pathValue(value: Buffer): string {
  if (value.includes(0)) throw new TarFault('expected a path, found one with a zero byte');
  return decodeText(value);
}

function numberValue(value: Buffer): number {
  const digits = value.toString('latin1');
  const number = Number(digits);
  if (!/^[0-9]+$/.test(digits) || !Number.isSafeInteger(number)) {
    throw new TarFault(`expected a number in a pax record, found ${JSON.stringify(digits.slice(0, 32))}`);
  }
  return number;
}
