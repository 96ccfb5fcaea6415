import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { file, makeTar } from '../../image/support/make-tar.ts';
import { portageEntry } from '../../packaging/ebuild/entry.ts';
import { temporaryFolder } from '../../support/temporary.ts';

export interface MadeGlsa {
  cves?: readonly string[];
  /** `dev-lang/python: lt 3.12.4 slot 3.12, not ge 3.12.4 slot 3.12`, after an architecture in brackets if it is limited. */
  packages?: readonly string[];
  impact?: string;
  product?: string;
  announced?: string;
  title?: string;
  doctype?: string;
  references?: readonly (readonly [text: string, link: string])[];
}

/** The XML of an advisory as Gentoo writes it. */
export function glsaText(id: string, given: MadeGlsa = {}): string {
  const { cves = [], packages = [], impact = 'normal', product = 'ebuild', announced = '2024-05-04' } = given;
  const { title = 'A flaw', doctype = '<!DOCTYPE glsa SYSTEM "http://www.gentoo.org/dtd/glsa.dtd">' } = given;
  const references = [
    ...cves.map((cve) => [cve, `https://nvd.nist.gov/vuln/detail/${cve}`] as const),
    ...(given.references ?? []),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
${doctype}
<glsa id="${id}">
  <title>${title}</title>
  <synopsis>A flaw &amp; more.</synopsis>
  <product type="${product}">x</product>
  <announced>${announced}</announced>
  <revised count="1">${announced}</revised>
  <bug>1</bug>
  <affected>
${packages.map(packageText).join('')}  </affected>
  <background><p>It is <i>known</i>.</p></background>
  <impact type="${impact}"><p>Bad.</p></impact>
  <references>
${references.map(([text, link]) => `    <uri link="${link}">${text}</uri>\n`).join('')}  </references>
</glsa>
`;
}

function packageText(text: string): string {
  const [, arch = '*', name, terms = ''] = /^(?:\[(.*)\] )?([^:]+):(.*)$/.exec(text) ?? [];
  const rows = terms
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '')
    .map((term) => {
      const [, not, range, version, slot] = /^(not )?(\S+) (.+?)(?: slot (\S+))?$/.exec(term) ?? [];
      const kind = not ? 'unaffected' : 'vulnerable';
      return `      <${kind} range="${range}"${slot ? ` slot="${slot}"` : ''}>${version}</${kind}>\n`;
    });
  return `    <package name="${name}" auto="yes" arch="${arch}">\n${rows.join('')}    </package>\n`;
}

/** An advisory as another project keeps it: the members of the XML, in JSON. */
interface RetoldGlsa {
  ID: string;
  Title: string;
  Product: { Type: string };
  Announced: string;
  Impact: { Type: string };
  Affected: { Package: { Name: string; Arch: string; Unaffected: Rows; Vulnerable: Rows }[] | null };
  References: { URI: { Text: string; Link: string }[] | null };
}

type Rows = { Text: string; Range: string; Slot: string }[] | null;

function retold({
  ID,
  Title,
  Product,
  Announced,
  Impact,
  Affected,
  References,
}: RetoldGlsa): [string, string] {
  const safe = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const terms = (rows: Rows, not: string) =>
    (rows ?? []).map(
      ({ Text, Range, Slot }) => `${not}${Range} ${Text}${Slot === '' ? '' : ` slot ${Slot}`}`,
    );
  const text = glsaText(ID, {
    title: safe(Title),
    product: Product.Type,
    announced: Announced,
    impact: Impact.Type,
    packages: (Affected.Package ?? []).map(
      ({ Name, Arch, Vulnerable, Unaffected }) =>
        `[${Arch}] ${Name}: ${[...terms(Vulnerable, ''), ...terms(Unaffected, 'not ')].join(', ')}`,
    ),
    references: (References.URI ?? []).map(({ Text, Link }) => [safe(Text), safe(Link)]),
  });
  return [ID, text];
}

/** The files of such advisories, as XML again. */
export function retoldGlsas(kept: readonly object[]): Record<string, string> {
  return Object.fromEntries(
    kept.map((each) => {
      const [id, text] = retold(each as RetoldGlsa);
      return [`glsa-${id}.xml`, text];
    }),
  );
}

/** The archive of a repository with these files below `glsa-master`. */
export function glsaArchive(files: Readonly<Record<string, string | Buffer>>): Buffer {
  return gzipSync(
    makeTar([
      file('glsa-master/README', 'advisories\n'),
      ...Object.entries(files).map(([name, text]) => file(`glsa-master/${name}`, text)),
    ]),
  );
}

/** The same of advisories by their ids. */
export function glsaArchiveOf(glsas: Readonly<Record<string, MadeGlsa>>): Buffer {
  return glsaArchive(
    Object.fromEntries(Object.entries(glsas).map(([id, glsa]) => [`glsa-${id}.xml`, glsaText(id, glsa)])),
  );
}

export const glsaPlace = 'gitweb.gentoo.org/data/glsa.git/snapshot/glsa-master.tar.gz';

/** A mirror with the one archive. */
export function writeGentooMirror(glsas: Readonly<Record<string, MadeGlsa>> | Buffer): string {
  const mirror = temporaryFolder('mirror');
  const path = join(mirror, glsaPlace);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.isBuffer(glsas) ? glsas : glsaArchiveOf(glsas));
  return mirror;
}

/** A root file system with packages: `dev-lang/python-3.12.3`, with facts of portage's database after it: `SLOT=3.12 repository=guru`. */
export function gentooRoot(packages: readonly string[], release = 'ID=gentoo\nVERSION_ID="2.17"\n'): string {
  const root = temporaryFolder('root');
  const files: Record<string, string> = { '/etc/os-release': `NAME=Gentoo\n${release}` };
  for (const each of packages) {
    const [folder = '', ...facts] = each.split(' ');
    const given = facts.map((fact) => fact.split('=') as [string, string]);
    Object.assign(files, portageEntry(folder, Object.fromEntries(given)));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
