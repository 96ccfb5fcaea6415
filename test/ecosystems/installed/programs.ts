import { deflateSync } from 'node:zlib';
import { readPackageFile } from '../../../src/ecosystems/installed/forms.ts';
import type { PackageFile } from '../../../src/model/inventory/index.ts';

export interface ProgramParts {
  bits?: 32 | 64;
  bigEndian?: boolean;
  /** Its code and constants. */
  text?: Buffer;
  /** Its writable data. */
  data?: Buffer;
  /** Sections that are not loaded, by name. */
  sections?: Readonly<Record<string, Buffer>>;
  /** Where the names of sections are: GNU's linker puts them last, LLVM's before the symbols. */
  names?: 'first' | 'last';
}

const aligned = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 63)]);

/** A program with a segment of code, one of data, and sections behind both (System V ABI, "Program Header", "Sections"). */
export function programOf(parts: ProgramParts): Buffer {
  const { bits = 64, bigEndian = false, sections = {}, names = 'last' } = parts;
  const wide = bits === 64;
  const half = (value: number) => number(value, 2, bigEndian);
  const long = (value: number) => number(value, 4, bigEndian);
  const address = (value: number) => number(value, wide ? 8 : 4, bigEndian);
  const [text, data] = [parts.text ?? Buffer.from('code'), parts.data ?? Buffer.from('data')].map(aligned);
  const titles = [...Object.keys(sections), '.shstrtab'];
  const strings = Buffer.from(`\0${titles.map((title) => `${title}\0`).join('')}`);
  const contents = { ...(names === 'first' && { '.shstrtab': strings }), ...sections, '.shstrtab': strings };
  const start = 256;
  let end = start + text!.length + data!.length;
  const placed = Object.entries(contents).map(([title, bytes]) => {
    end += bytes.length;
    return { title, from: end - bytes.length, bytes };
  });
  const segment = (flags: number, from: number, bytes: number) => {
    const place = [address(from), address(from), address(from), address(bytes), address(bytes)];
    return Buffer.concat([
      long(1),
      ...(wide ? [long(flags), ...place] : [...place, long(flags)]),
      address(4096),
    ]);
  };
  const section = (name: number, type: number, from: number, bytes: number) => {
    const place = [address(0), address(0), address(from), address(bytes), long(0), long(0)];
    return Buffer.concat([long(name), long(type), ...place, address(1), address(0)]);
  };
  const table = [
    section(0, 0, 0, 0),
    ...placed.map(({ title, from, bytes }) =>
      section(strings.indexOf(`\0${title}\0`) + 1, title === '.shstrtab' ? 3 : 1, from, bytes.length),
    ),
  ];
  const head = Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, bigEndian ? 2 : 1, 1, ...Array<number>(9).fill(0)]),
    ...[half(2), half(62), long(1), address(0), address(wide ? 64 : 52), address(end), long(0)],
    ...[half(wide ? 64 : 52), half(wide ? 56 : 32), half(2), half(wide ? 64 : 40), half(table.length)],
    half(1 + placed.findIndex(({ title }) => title === '.shstrtab')),
    segment(5, 0, start + text!.length),
    segment(6, start + text!.length, data!.length),
  ]);
  return Buffer.concat([
    Buffer.concat([head], start),
    ...[text!, data!, ...placed.map(({ bytes }) => bytes), ...table],
  ]);
}

function number(value: number, bytes: number, bigEndian: boolean): Buffer {
  const digits = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 1)
    digits[bigEndian ? bytes - 1 - at : at] = Math.floor(value / 2 ** (8 * at)) % 256;
  return digits;
}

const mark = Buffer.from('\xff Go buildinf:', 'latin1');

/** The build information that Go's linker writes since 1.18. */
export function buildInformation(toolchain: string, modules: string): Buffer {
  const framed = modules === '' ? '' : `${'<'.repeat(16)}${modules}\n${'>'.repeat(16)}`;
  const texts = [toolchain, framed].map((text) =>
    Buffer.concat([lengthOf(Buffer.byteLength(text)), Buffer.from(text)]),
  );
  return Buffer.concat([mark, Buffer.from([8, 2]), Buffer.alloc(16), ...texts]);
}

/** The same until Go 1.17: addresses, here of nothing. */
export const buildPointers = Buffer.concat([mark, Buffer.from([8, 0]), Buffer.alloc(16)]);

/** A program of Go 1.13 to 1.17: a note with the build's id, and modules among the constants between the marks of its linker. */
export function olderGoProgram(lines: readonly string[], parts: ProgramParts = {}): Buffer {
  const modules = lines.map((line) => `${line.replaceAll(' ', '\t')}\n`).join('');
  const [begin, end] = ['3077af0c9274080241e1c107e6d618e6', 'f932433186182072008242104116d8f2'];
  const text = Buffer.concat([
    Buffer.from('Go\0\0id'),
    parts.text ?? Buffer.from('constants'),
    Buffer.from(begin, 'hex'),
    Buffer.from(modules),
    Buffer.from(end, 'hex'),
    Buffer.from('constants'),
  ]);
  return programOf({ ...parts, text, data: Buffer.concat([Buffer.alloc(48), buildPointers]) });
}

function lengthOf(length: number): Buffer {
  const digits: number[] = [];
  for (let left = length; ; left >>= 7) {
    if (left < 0x80) return Buffer.from([...digits, left]);
    digits.push((left & 0x7f) | 0x80);
  }
}

export function goProgram(toolchain: string, lines: readonly string[], parts: ProgramParts = {}): Buffer {
  const modules = lines.map((line) => line.replaceAll(' ', '\t')).join('\n');
  return programOf({
    ...parts,
    data: Buffer.concat([Buffer.alloc(48), buildInformation(toolchain, modules)]),
  });
}

/** A crate as `cargo auditable` describes it. */
export interface CrateText {
  name: string;
  version: string;
  source?: string;
  kind?: string;
}

export const crateSection = (crates: readonly CrateText[]) =>
  deflateSync(JSON.stringify({ packages: crates.map((crate) => ({ source: 'crates.io', ...crate })) }));

export function rustProgram(crates: readonly CrateText[], parts: ProgramParts = {}): Buffer {
  const sections = { '.comment': Buffer.from('rustc'), '.dep-v0': crateSection(crates), ...parts.sections };
  return programOf({ ...parts, sections });
}

/** Reads a program in pieces, until the reader wants no more. */
export function readProgram(
  bytes: Buffer,
  pieceBytes = 65_536,
): { file: PackageFile | undefined; read: number } {
  const reader = readPackageFile('/app/program', bytes.length);
  let read = 0;
  for (; read < bytes.length && !reader?.isOver; read += pieceBytes) {
    // The next piece is in the same place of memory.
    const piece = Buffer.from(bytes.subarray(read, read + pieceBytes));
    reader?.push(piece);
    piece.fill(0xee);
  }
  return { file: reader?.end(), read: Math.min(read, bytes.length) };
}

/** `name version` of each package, and the words about each that has none. */
export function contentOf(bytes: Buffer, pieceBytes?: number) {
  const { file } = readProgram(bytes, pieceBytes);
  return (
    file && {
      packages: file.packages.map(({ name, version }) => `${name} ${version}`),
      unread: file.unread.map(({ detail }) => detail),
    }
  );
}
