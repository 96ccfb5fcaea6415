import { ScapfeedError } from '../../model/error.ts';
import type { Severity } from '../../model/feed/index.ts';
import { type EbuildOperator, type EbuildRange, type EbuildTerm, ebuildTerm } from '../../packaging/index.ts';
import { dayOrNone, malformed } from '../../sources/fields.ts';
import { readRecord } from '../../sources/foreign-record.ts';
import { malformedMetadata, readMetadata } from '../../sources/repodata/read-metadata.ts';

/** A Gentoo Linux Security Advisory. */
export interface Glsa {
  /** `GLSA-202305-28` */
  id: string;
  title: string;
  announced: string | undefined;
  /** `ebuild`, or what no package has: `infrastructure`. */
  product: string;
  /** The vendor's word. */
  impact: string;
  packages: readonly GlsaPackage[];
  /** Ids of CVEs that its references name. */
  cves: readonly string[];
  /** References that begin like the id of a CVE and have none. */
  unreadReferences: readonly string[];
}

/** Affected versions of a package; one may occur more than once, for several architectures. */
export interface GlsaPackage {
  /** `dev-lang/python` */
  name: string;
  /** Keywords, sorted. Absent: all. */
  arch?: readonly string[];
  range: EbuildRange;
}

/** A document of another form, and those of its packages that could be read. */
export interface GlsaFault {
  message: string;
  packages: readonly string[];
}

/** The advisory of 2004 about twelve kernels has some hundred. */
const maxRows = 5000;

/** Characters of a title, an id, a version or a reference. */
const maxTextLength = 4000;

const operators: Readonly<Record<string, EbuildOperator>> = {
  ...{ lt: '<', le: '<=', eq: '=', ge: '>=', gt: '>' },
  ...{ rlt: '~<', rle: '~<=', rge: '~>=', rgt: '~>' },
};

const impacts: Readonly<Record<string, Severity>> = {
  ...{ minimal: 'low', low: 'low', normal: 'medium', medium: 'medium', high: 'high' },
};

/** Undefined: another word. */
export function severityOf({ impact }: Pick<Glsa, 'impact'>): Severity | undefined {
  return Object.hasOwn(impacts, impact) ? impacts[impact] : undefined;
}

/** The flaws that it is about: CVEs, and a flaw that has its id for those that it does not name in their form, or if it names none. */
export function flawsOf({ id, cves, unreadReferences }: Glsa): readonly string[] {
  return cves.length > 0 && unreadReferences.length === 0 ? cves : [...cves, id];
}

/** The packages that it makes statements about: none if it is about no ebuild. */
export function affectedPackages({ product, packages }: Glsa): readonly GlsaPackage[] {
  if (product !== 'ebuild') return [];
  return packages.filter(({ range }) => range.vulnerable.length > 0);
}

/** Of advisories that affect no package, every image would look clean. */
export function noAffected(count: number, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected advisories that affect packages, found none among ${count}`,
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

/** Reads the XML of an advisory; `file` is the name of its file, which has its id. */
export async function readGlsa(content: Buffer, file: string): Promise<Glsa | GlsaFault> {
  const raw = newRaw();
  try {
    await scan(content, raw, file);
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    return { message: error.message, packages: namesIn(raw) };
  }
  const glsa = readRecord('', () => glsaOf(raw, file));
  if (!(glsa instanceof ScapfeedError)) return glsa;
  return { message: `${glsa.where ?? ''} ${glsa.message}`.trim(), packages: namesIn(raw) };
}

type Attributes = Readonly<Record<string, string>>;

interface RawTerm {
  kind: string;
  attributes: Attributes;
  text: string;
}

interface RawGlsa {
  id: string;
  title: string;
  announced: string;
  product: string;
  impact: string;
  packages: { attributes: Attributes; terms: RawTerm[] }[];
  references: { link: string; text: string }[];
}

function newRaw(): RawGlsa {
  return { id: '', title: '', announced: '', product: '', impact: '', packages: [], references: [] };
}

async function scan(content: Buffer, raw: RawGlsa, where: string): Promise<void> {
  let part = '';
  let take: ((text: string) => void) | undefined;
  let rows = 0;
  await readMetadata(withoutDocumentType(content), where, {
    attributesTo: 4,
    open(_, name, depth, attributes) {
      take = undefined;
      if (depth === 1) {
        if (name !== 'glsa')
          throw malformedMetadata(`expected the element glsa, found ${name.slice(0, 80)}`, where);
        raw.id = attributes['id'] ?? '';
      }
      if (depth === 2) {
        part = name;
        if (name === 'title' || name === 'announced')
          take = (text) => {
            raw[name] = text;
          };
        if (name === 'product') raw.product = attributes['type'] ?? '';
        if (name === 'impact') raw.impact = attributes['type'] ?? '';
      }
      if (depth === 3 && part === 'affected' && name === 'package')
        raw.packages.push({ attributes, terms: [] });
      if (depth === 4 && part === 'affected') {
        const term: RawTerm = { kind: name, attributes, text: '' };
        raw.packages.at(-1)?.terms.push(term);
        take = (text) => {
          term.text = text;
        };
      }
      if (depth === 3 && part === 'references' && name === 'uri') {
        const reference = { link: attributes['link'] ?? '', text: '' };
        raw.references.push(reference);
        take = (text) => {
          reference.text = text;
        };
      }
      rows += depth > 2 && ['affected', 'references'].includes(part) ? 1 : 0;
      if (rows > maxRows)
        throw malformedMetadata(
          `expected at most ${maxRows} packages, versions and references, found more`,
          where,
        );
      return take !== undefined && maxTextLength;
    },
    text: (text) => take?.(text),
  });
}

/** Each advisory names its document type at a web address. One that declares anything itself is refused with its entities. */
async function* withoutDocumentType(content: Buffer): AsyncGenerator<Buffer> {
  const head = content.toString('latin1', 0, 2000);
  const found = /<!DOCTYPE\s+glsa\s+SYSTEM\s+(?:"[^"<>]{0,200}"|'[^'<>]{0,200}')\s*>/.exec(head);
  if (found && !/<[A-Za-z]/.test(head.slice(0, found.index))) {
    yield content.subarray(0, found.index);
    yield content.subarray(found.index + found[0].length);
  } else yield content;
}

/** Package Manager Specification, 3.1. */
const packageName = /^[A-Za-z0-9_][A-Za-z0-9+_.-]{0,100}\/[A-Za-z0-9_][A-Za-z0-9+_-]{0,150}$/;

function namesIn({ packages }: RawGlsa): string[] {
  const names = packages.map(({ attributes }) => attributes['name']?.trim() ?? '');
  return [...new Set(names)].filter((name) => packageName.test(name));
}

function glsaOf(raw: RawGlsa, file: string): Glsa {
  const id = raw.id.trim();
  if (!/^\d{6}-\d{2,3}$/.test(id)) throw malformed('/id', 'the id of an advisory', raw.id);
  if (file !== `glsa-${id}.xml`) throw malformed('/id', `the advisory of ${file}`, id);
  const { cves, unread } = cvesIn(raw.references);
  return {
    ...{ id: `GLSA-${id}`, title: raw.title.replaceAll(/\s+/g, ' '), announced: dayOrNone(raw.announced) },
    ...{
      product: raw.product.trim(),
      impact: raw.impact.trim().toLowerCase(),
      cves,
      unreadReferences: unread,
    },
    packages: raw.packages.map(packageOf),
  };
}

function packageOf({ attributes, terms }: RawGlsa['packages'][number], at: number): GlsaPackage {
  const pointer = `/affected/${at + 1}`;
  const name = attributes['name']?.trim();
  if (name === undefined || !packageName.test(name))
    throw malformed(`${pointer}/name`, 'a category and the name of a package', name);
  const range: Record<'vulnerable' | 'unaffected', EbuildTerm[]> = { vulnerable: [], unaffected: [] };
  for (const term of terms) {
    const { kind } = term;
    if (kind !== 'vulnerable' && kind !== 'unaffected')
      throw malformed(pointer, 'vulnerable or unaffected versions', kind);
    range[kind].push(termOf(term, `${pointer}/${kind}`));
  }
  const arch = attributes['arch']?.trim() ?? '*';
  if (arch === '*') return { name, range };
  const keywords = [...new Set(arch.split(/\s+/))].sort();
  if (!keywords.every((keyword) => /^[a-z0-9-]{1,30}$/.test(keyword)))
    throw malformed(`${pointer}/arch`, 'keywords of architectures', arch);
  return { name, range, arch: keywords };
}

function termOf({ attributes, text }: RawTerm, pointer: string): EbuildTerm {
  const { range = '', slot = '' } = attributes;
  if (!Object.hasOwn(operators, range)) throw malformed(`${pointer}/range`, 'a range', range);
  const inSlot = ['', '*'].includes(slot.trim()) ? undefined : slot.trim();
  const term = ebuildTerm(operators[range]!, text.trim(), inSlot);
  if (!term) throw malformed(pointer, 'a version of an ebuild, and a slot', `${text} ${slot}`.trim());
  return term;
}

/** Hyphens of any kind, and blanks in their place: `CAN 2004-1154`, `CVE‑2021‑1076`. */
const idForm = /(?<![A-Za-z])(?:CVE|CAN)[-\u2010-\u2015 ](\d{4})[-\u2010-\u2015](\d{4,15})(?!\d)/g;

/** Ids stand in the text of references, or in their addresses where the text has none. Candidates of old became CVEs. */
function cvesIn(references: RawGlsa['references']): { cves: string[]; unread: string[] } {
  const cves = new Set<string>();
  const unread: string[] = [];
  for (const { text, link } of references) {
    const [own, linked] = [text, link].map((each) => [...each.matchAll(idForm)]);
    const found = own!.length > 0 ? own! : linked!;
    for (const [, year, number] of found) cves.add(`CVE-${year}-${number}`);
    if (found.length === 0 && /^(?:CVE|CAN)\b/.test(text)) unread.push(text.slice(0, 80));
  }
  return { cves: [...cves].sort(), unread };
}
