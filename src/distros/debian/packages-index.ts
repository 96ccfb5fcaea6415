import { ScapfeedError } from '../../model/error.ts';

/** A binary package of a suite with the source package that made it. */
export interface BinaryPackage {
  name: string;
  version: string;
  source: string;
  sourceVersion: string;
}

/** Size limit of a stanza; real ones have a few kB. */
const maxStanzaBytes = 2 ** 20;

/**
 * Yields the stanzas of an uncompressed `Packages` file (Debian wiki, RepositoryFormat) in blocks, because there are some
 * 60,000. The number of a stanza without Package or Version is passed to `onMalformed`.
 * @throws SOURCE_MALFORMED for a stanza above 1 MiB
 */
export async function* parsePackagesIndex(
  body: AsyncIterable<Uint8Array>,
  where: string,
  onMalformed: (stanza: number) => void,
): AsyncGenerator<BinaryPackage[]> {
  let number = 0;
  for await (const stanzas of splitStanzas(body, where)) {
    const packages: BinaryPackage[] = [];
    for (const stanza of stanzas) {
      number++;
      const read = readStanza(stanza);
      if (read) packages.push(read);
      else onMalformed(number);
    }
    yield packages;
  }
}

const emptyLine = Buffer.from('\n\n');

async function* splitStanzas(body: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Buffer[]> {
  let carry = Buffer.alloc(0);
  for await (const piece of body) {
    const text = Buffer.concat([carry, piece]);
    const stanzas: Buffer[] = [];
    let start = 0;
    for (let end = text.indexOf(emptyLine); end !== -1; end = text.indexOf(emptyLine, start)) {
      if (end > start) stanzas.push(text.subarray(start, end));
      start = end + emptyLine.length;
    }
    carry = text.subarray(start);
    if (carry.length > maxStanzaBytes) throw endless(where);
    yield stanzas;
  }
  if (carry.toString('latin1').trim() !== '') yield [carry];
}

const labels = { name: label('Package: '), version: label('Version: '), source: label('Source: ') };

/** A field's label at the start of a stanza, and on a later line. */
function label(text: string): { first: Buffer; later: Buffer } {
  return { first: Buffer.from(text), later: Buffer.from(`\n${text}`) };
}

/**
 * No `Source`: the source has the binary's name and version; `Source` without parentheses: the same version.
 * Strings are copied out of the buffer one by one, so that none keeps a whole index alive.
 */
function readStanza(stanza: Buffer): BinaryPackage | undefined {
  const name = field(stanza, labels.name);
  const version = field(stanza, labels.version);
  if (name === undefined || version === undefined) return undefined;
  const [source = name, parenthesis] = (field(stanza, labels.source) ?? name).split(' ');
  const sourceVersion = parenthesis === undefined ? version : parenthesis.slice(1, -1);
  return { name, version, source, sourceVersion };
}

function field(stanza: Buffer, { first, later }: { first: Buffer; later: Buffer }): string | undefined {
  const begins = first.compare(stanza, 0, Math.min(first.length, stanza.length)) === 0;
  const found = begins ? 0 : stanza.indexOf(later);
  if (found === -1) return undefined;
  const start = begins ? first.length : found + later.length;
  const end = stanza.indexOf(0x0a, start);
  return stanza.toString('latin1', start, end === -1 ? stanza.length : end).trim();
}

function endless(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected stanzas of at most ${maxStanzaBytes} bytes, found a longer one`,
    where,
    remedy: 'fetch the index again',
  });
}
