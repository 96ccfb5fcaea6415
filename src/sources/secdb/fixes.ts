import type { Ledger, RecordSubject } from '../../model/feed/index.ts';
import { compareApk, parseApkVersion } from '../../packaging/index.ts';
import type { SecdbFix, SecdbPackage } from './document.ts';

/** The version that is written for a flaw which the package never had. */
const never = '0';

/** The entries of a package about one vulnerability. */
interface Fixed {
  vulnerability: string;
  /** Undefined: the package was never affected. */
  version: string | undefined;
  aliases: readonly string[];
}

/**
 * The fixes of a package, one for each vulnerability. Every entry is used or dropped. A vulnerability under two versions was
 * fixed again, so the newest one counts; under `0` and a version it is fixed by the version.
 */
export function fixesOf(
  { name, fixes }: SecdbPackage,
  { input, platform }: { input: string; platform: string },
  ledger: Ledger,
): Fixed[] {
  const found = new Map<string, Omit<Fixed, 'aliases'> & { aliases: Set<string> }>();
  for (const fix of fixes) {
    const place = `${input}#${fix.pointer}`;
    const record = {
      where: `${input}#${name}`,
      detail: `${fix.version.slice(0, 80)}: ${fix.text.slice(0, 80)}`,
    };
    const read = readFix(fix, place, { platforms: [platform], package: name, record }, ledger);
    if (!read) continue;
    for (const vulnerability of read.ids) {
      const known = found.get(vulnerability);
      const version = known ? later(known.version, read.version) : read.version;
      if (known && known.version !== read.version)
        ledger.doubt(
          'fixed_twice',
          place,
          `${name} ${vulnerability}: ${known.version ?? never}, ${fix.version}`,
        );
      const aliases = known?.aliases ?? new Set();
      for (const alias of read.aliases) aliases.add(alias);
      found.set(vulnerability, { vulnerability, version, aliases });
    }
  }
  return Array.from(found.values(), (each) => ({ ...each, aliases: [...each.aliases].sort() }));
}

function readFix(
  { version, text }: SecdbFix,
  place: string,
  about: RecordSubject,
  ledger: Ledger,
): { version: string | undefined; ids: readonly string[]; aliases: readonly string[] } | undefined {
  const { ids, aliases, rest } = fixIds(text);
  if (ids.length === 0) {
    ledger.drop('unknown_vulnerability_id', place, text.slice(0, 80), 1, about);
    return undefined;
  }
  if (version !== never && !parseApkVersion(version)) {
    ledger.drop('absurd_version', place, version.slice(0, 80), 1, about);
    return undefined;
  }
  if (rest !== '') ledger.doubt('words_beside_id', place, rest.slice(0, 80));
  // A flaw without an id that can be read.
  if (/cve/i.test(rest)) ledger.unread(about, { reason: 'words_beside_id', where: place, ...about.record });
  ledger.use();
  return { version: version === never ? undefined : version, ids, aliases };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareApk(a, b) === -1 ? b : a;
}

/** The ids of one entry, and the words beside them. */
interface FixIds {
  /** CVE ids of the fix; other ids if it has none. */
  ids: readonly string[];
  /** Other names of the same flaws. */
  aliases: readonly string[];
  /** The text that is not an id. */
  rest: string;
}

const cve = /^CVE-\d{4}-\d{4,15}$/;
const other =
  /^(?:XSA-\d{1,9}|ALPINE-\d{1,9}|(?:CGA|GHSA)(?:-[23456789cfghjmpqrvwx]{4}){3}|[A-Z]{2,9}-\d{4}-\d{1,15}|TALOS-\d{4}-\d{4}|RUSTSEC-\d{4}-\d{4}|ZDI-CAN-\d{1,9}|DW\d{6}-\d{3})$/;

/** A part of a flaw (`CVE-2017-17434-1`), and the name of a patch. */
const partOfCve = /^(CVE-\d{4}-\d{4,15})(?:-\d|\.patch)$/;

/** Other names times flaws of an entry; beyond it they are not kept. More than one of each is rare. */
const mostNames = 1000;

/**
 * An entry may have several ids (`CVE-2017-17564 XSA-248`), ids of other kinds alone (`GHSA-…`, `ALPINE-13661`), and words
 * after them (`CVE-2018-20685 (partial)`).
 */
export function fixIds(text: string): FixIds {
  const words = text
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
    .map((word) => partOfCve.exec(word)?.[1] ?? word);
  const cves = unique(words.filter((word) => cve.test(word)));
  const others = unique(words.filter((word) => !cve.test(word) && other.test(word)));
  const rest = words.filter((word) => !cve.test(word) && !other.test(word)).join(' ');
  return cves.length > 0
    ? { ids: cves, aliases: cves.length * others.length > mostNames ? [] : others, rest }
    : { ids: others, aliases: [], rest };
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
