import { inflateSync } from 'node:zlib';
import { parseForeignJson } from '../../io/foreign-json.ts';
import type {
  LanguagePackage,
  NamelessPackage,
  PackageFile,
  PackageFileReader,
} from '../../model/inventory/index.ts';
import { ecosystemOf } from '../ecosystems.ts';
import { type ElfHead, sectionNamed } from './elf.ts';

/**
 * The crates that `cargo auditable` puts into a section of a program, which is not loaded:
 * https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md
 */
export function crateList(head: ElfHead): PackageFileReader {
  return new CrateListReader(head);
}

const section = '.dep-v0';
const sectionName = Buffer.from(`\0${section}\0`, 'latin1');

/** Of symbols and notes for debuggers: those of a program of 20 MB are some 3. */
const mostHeld = 32 << 20;
/** The specification's own bound. */
const mostJson = 8 << 20;
const mostValues = 500_000;

/** Sections are described behind all of them, so that what is not loaded is held until then. */
class CrateListReader implements PackageFileReader {
  readonly #head: ElfHead;
  /** Offset of the next piece in the file. */
  #at = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** More is behind the segments than is held, and in it the section's name. */
  #isNamed = false;
  readonly isOver: boolean;

  constructor(head: ElfHead) {
    this.#head = head;
    this.isOver = head.sections.from === head.sections.to;
  }

  push(piece: Buffer): void {
    const bytes = piece.subarray(Math.max(0, this.#head.loadedTo - this.#at));
    this.#at += piece.length;
    if (bytes.length === 0) return;
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > mostHeld) this.#drop();
  }

  end(): PackageFile | undefined {
    const bytes = Buffer.concat(this.#held);
    if (this.#isNamed) return unreadCrate(`more than ${mostHeld} bytes of symbols`);
    const from = this.#at - bytes.length;
    const place = sectionNamed(section, this.#head.sections, bytes, from);
    if (place && place.from < from) return unreadCrate('its list of crates is in a section that is loaded');
    if (place) return readCrates(bytes.subarray(place.from - from, place.to - from));
    return bytes.includes(sectionName) && this.#at < this.#head.sections.to
      ? unreadCrate('its sections are cut off')
      : undefined;
  }

  /** Keeps of the held bytes what may begin the section's name. */
  #drop(): void {
    const bytes = Buffer.concat(this.#held);
    this.#isNamed ||= bytes.includes(sectionName);
    this.#held = [Buffer.from(bytes.subarray(1 - sectionName.length))];
  }
}

function readCrates(packed: Buffer): PackageFile {
  let list: unknown;
  try {
    const json = inflateSync(packed, { maxOutputLength: mostJson });
    list = (parseForeignJson(json, { maxValues: mostValues }) as { packages?: unknown } | null)?.packages;
  } catch {
    return unreadCrate('its list of crates is damaged or too large');
  }
  if (!Array.isArray(list)) return unreadCrate('its list of crates has none');
  const packages: LanguagePackage[] = [];
  const unread: NamelessPackage[] = [];
  for (const crate of list as readonly ({ [Member in keyof Crate]?: unknown } | null)[]) {
    // Crates of build scripts and macros are not in the program.
    if (crate?.kind === 'build') continue;
    if (typeof crate?.name !== 'string' || typeof crate.version !== 'string')
      unread.push({ ecosystem: 'cargo', kind: 'damaged', detail: 'a crate without a name or version' });
    else if (crate.source === 'registry')
      unread.push({
        ...{ ecosystem: 'cargo', kind: 'undetermined' },
        detail: `${crate.name} ${crate.version} is of another registry`,
      });
    else packages.push({ ecosystem: 'cargo', name: nameOf(crate.name), version: crate.version });
  }
  return { packages, unread };
}

/** A crate of the list. */
interface Crate {
  name: string;
  version: string;
  /** `crates.io`, `git`, `local`; `registry` is any other one. */
  source: string;
  /** `build`, or absent. */
  kind: string;
}

const nameOf = (name: string) => ecosystemOf('cargo')!.nameOf({ name });

function unreadCrate(detail: string): PackageFile {
  return { packages: [], unread: [{ ecosystem: 'cargo', kind: 'damaged', detail }] };
}
