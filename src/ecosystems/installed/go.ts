import type {
  GoProgram,
  LanguagePackage,
  NamelessPackage,
  PackageFile,
  PackageFileReader,
} from '../../model/inventory/index.ts';
import { goModule } from '../ecosystems.ts';
import type { Span } from './elf.ts';
import { FramedText } from './framed-text.ts';

/**
 * Build information that Go's linker puts into the data of a program, https://pkg.go.dev/debug/buildinfo. Since Go 1.18 a mark and
 * flags, 32 bytes, are followed by two texts after their lengths: the toolchain, and the modules between marks of their own. Before,
 * the mark is followed by addresses of both, which lie in the constants before the data: the modules are found by their own
 * marks, the toolchain has none.
 */
export function goBuildInformation(data: Span, head: Buffer): PackageFileReader {
  return new BuildInformationReader(data, head.includes(goNote));
}

/** Name of the note with the build's id, which linkers put before the code. */
const goNote = Buffer.from('Go\0\0', 'latin1');

const mark = Buffer.from('\xff Go buildinf:', 'latin1');
/** The mark lies at a multiple of this. */
const alignment = 16;
const headBytes = 32;
const flags = { bigEndian: 1, inline: 2 };
const pointerSizes = [4, 8];

const longestToolchain = 1_000;
const printable = /^[\x20-\x7e]*$/;
/** `go1.22.1 X:loopvar`, `go1.26.5 (Red Hat 1.26.5-1.el10)`, `go1.22.1-vendor`; not `devel go1.25-1a2b3c Mon Jan 2`. */
const releaseForm = /^go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)(?=[ -]|$)/;

/** The modules of Kubernetes are 20,000 bytes. */
const mostBytes = 1 << 20;
/** Of a length. */
const mostDigits = 5;
/** Length of the marks before and behind the modules. */
const frameBytes = 16;

/** `older`: by Go before 1.18. `damaged`: a mark and flags, before something that is no name of a toolchain. */
type Decoded = { missing: number } | 'no mark' | 'damaged' | 'older' | PackageFile;

class BuildInformationReader implements PackageFileReader {
  readonly #data: Span;
  /** Offset of the next piece in the file. */
  #at = 0;
  /** The last bytes that are not decided; more are waited for until there are `#needed`. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #needed = 0;
  #found: PackageFile | undefined;
  #isDamaged = false;
  /** Modules in the constants. Undefined: not looked for. */
  readonly #constants: FramedText | undefined;

  constructor(data: Span, isGo: boolean) {
    this.#data = data;
    this.#constants = isGo ? new FramedText(mostBytes) : undefined;
  }

  get isOver(): boolean {
    return this.#found !== undefined || this.#at >= this.#data.to;
  }

  push(piece: Buffer): void {
    this.#constants?.push(piece.subarray(0, Math.max(0, this.#data.from - this.#at)));
    const from = Math.max(this.#at, this.#data.from);
    const bytes = piece.subarray(from - this.#at, Math.max(0, this.#data.to - this.#at));
    this.#at += piece.length;
    if (this.#found || bytes.length === 0) return;
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= this.#needed) this.#search(Buffer.concat(this.#held));
  }

  end(): PackageFile | undefined {
    if (this.#found) return this.#found;
    if (this.#needed > headBytes || this.#lacksData)
      return unreadGo('its build information is cut off', 'damaged');
    return this.#isDamaged ? unreadGo('its build information is damaged', 'damaged') : undefined;
  }

  /** True for a Go program that is cut off before the end of its data segment. */
  get #lacksData(): boolean {
    return this.#constants !== undefined && Number.isFinite(this.#data.to) && this.#at < this.#data.to;
  }

  #search(bytes: Buffer): void {
    const offset = Math.min(this.#at, this.#data.to) - bytes.length;
    for (let at = markIn(bytes, 0, offset); at !== -1; at = markIn(bytes, at + alignment, offset)) {
      const decoded = decode(bytes.subarray(at));
      if (decoded === 'damaged') this.#isDamaged = true;
      if (decoded === 'no mark' || decoded === 'damaged') continue;
      if (decoded === 'older') this.#found = olderProgram(this.#constants);
      else if ('missing' in decoded) this.#hold(bytes.subarray(at), decoded.missing);
      else this.#found = decoded;
      return;
    }
    this.#hold(bytes.subarray(1 - mark.length));
  }

  #hold(bytes: Buffer, missing?: number): void {
    this.#held = [Buffer.from(bytes)];
    this.#heldBytes = bytes.length;
    this.#needed = missing === undefined ? 0 : bytes.length + missing;
  }
}

/** Place of an aligned mark in bytes that begin at an offset of the file; -1: none. */
function markIn(bytes: Buffer, from: number, offset: number): number {
  let at = bytes.indexOf(mark, from);
  while (at !== -1 && (offset + at) % alignment !== 0) at = bytes.indexOf(mark, at + 1);
  return at;
}

function decode(bytes: Buffer): Decoded {
  if (bytes.length < headBytes) return { missing: headBytes - bytes.length };
  const [pointerSize, flag] = [bytes[mark.length]!, bytes[mark.length + 1]!];
  // A program that reads other programs has the mark as a text.
  if (!pointerSizes.includes(pointerSize) || flag > flags.inline + flags.bigEndian) return 'no mark';
  if ((flag & flags.inline) === 0) return 'older';
  const toolchain = textAt(bytes, headBytes, longestToolchain);
  if (toolchain === 'too long') return 'damaged';
  if ('missing' in toolchain) return toolchain;
  const name = toolchain.bytes.toString('latin1');
  if (!printable.test(name)) return 'damaged';
  const modules = textAt(bytes, toolchain.end, mostBytes);
  if (modules === 'too long') return unreadGo(`build information of more than ${mostBytes} bytes`, 'damaged');
  if ('missing' in modules) return modules;
  return packagesOf(name, modules.bytes);
}

/** A text after its length, 7 bits in each byte of which the last one is below 0x80. */
function textAt(
  bytes: Buffer,
  at: number,
  most: number,
): { bytes: Buffer; end: number } | { missing: number } | 'too long' {
  let length = 0;
  for (let digit = 0; digit < mostDigits && length <= most; digit += 1) {
    const byte = bytes[at + digit];
    if (byte === undefined) return { missing: 1 };
    length += (byte & 0x7f) * 2 ** (7 * digit);
    if (byte >= 0x80) continue;
    if (length > most) break;
    const start = at + digit + 1;
    const end = start + length;
    return end > bytes.length ? { missing: end - bytes.length } : { bytes: bytes.subarray(start, end), end };
  }
  return 'too long';
}

/** A program of Go 1.13 to 1.17. */
function olderProgram(constants: FramedText | undefined): PackageFile {
  if (constants?.isCut) return unreadGo('the record of its modules has no end', 'damaged');
  const modules = constants?.text;
  if (!modules) return unreadGo('built by Go before 1.18');
  const toolchain = unreadGo('built by Go before 1.18, with a standard library of unknown version');
  const listed = readModules(modules.toString('utf8'));
  return { ...listed, unread: [...toolchain.unread, ...listed.unread] };
}

function packagesOf(toolchain: string, modules: Buffer): PackageFile {
  const [, release] = releaseForm.exec(toolchain) ?? [];
  const isFramed = modules.length > 2 * frameBytes && modules[modules.length - frameBytes - 1] === 0x0a;
  const listed = isFramed
    ? readModules(modules.subarray(frameBytes, -frameBytes).toString('utf8'))
    : unreadGo('no record of its modules');
  const standard: PackageFile =
    release === undefined
      ? unreadGo(`built by ${toolchain || 'an unnamed toolchain'}, which is no release of Go`)
      : { packages: [{ ecosystem: 'golang', name: 'stdlib', version: release }], unread: [] };
  return {
    ...listed,
    packages: [...standard.packages, ...listed.packages],
    unread: [...standard.unread, ...listed.unread],
  };
}

/** A line of the modules: the main one, a dependency, or what replaces the one before. */
interface ModuleLine {
  kind: 'mod' | 'dep';
  name: string;
  version: string;
  replaced?: string;
}

function readModules(text: string): PackageFile {
  const lines: ModuleLine[] = [];
  let program = '';
  for (const line of text.split('\n')) {
    const [kind, name = '', version = ''] = line.split('\t');
    const last = lines.at(-1);
    if (kind === 'mod' || kind === 'dep') lines.push({ kind, name, version });
    else if (kind === 'path') program = name;
    else if (kind === '=>' && last) lines.splice(-1, 1, { ...last, name, version, replaced: last.name });
  }
  // Distributions build from folders in GOPATH. Go's own commands are of no module.
  if (lines.length === 0 && !program.startsWith('cmd/')) return unreadGo('built without modules');
  const packages: LanguagePackage[] = [];
  const unread: NamelessPackage[] = [];
  for (const line of lines) {
    const detail = faultOf(line);
    if (detail === undefined) packages.push({ ecosystem: 'golang', name: line.name, version: line.version });
    else unread.push({ ecosystem: 'golang', kind: 'undetermined', detail });
  }
  const main = lines.find(({ kind }) => kind === 'mod');
  return { ...(main && goModule.test(main.name) && { program: programOf(main) }), packages, unread };
}

function programOf(main: ModuleLine): GoProgram {
  const { name, version } = main;
  return { name, ...(faultOf(main) === undefined && { version }) };
}

/** A pseudo-version, https://go.dev/ref/mod#pseudo-versions: a commit after a release, by its time. */
const pseudoVersion = /[-.]\d{14}-[0-9a-f]{12}(?:\+|$)/;

/** Why a module cannot be compared with releases. Undefined: it can. */
function faultOf({ kind, name, version, replaced }: ModuleLine): string | undefined {
  const isDevelopment = version === '' || version === '(devel)';
  if (replaced !== undefined && isDevelopment) return `${replaced} is replaced by a folder without a version`;
  if (name === '') return 'a module without a path';
  if (!goModule.test(name)) return `${name} is the name of a local module`;
  if (isDevelopment) return `${name} is built from a folder without a version`;
  // Tags of a program are often in a scheme that its module path does not allow, so that commits are numbered from another one.
  if (kind === 'mod' && pseudoVersion.test(version)) return `${name} ${version} is built between releases`;
  return undefined;
}

function unreadGo(detail: string, kind: NamelessPackage['kind'] = 'undetermined'): PackageFile {
  return { packages: [], unread: [{ ecosystem: 'golang', kind, detail }] };
}
