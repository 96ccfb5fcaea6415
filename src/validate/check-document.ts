import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { isScapRootName, wrongScapRoot } from '../model/compliance/index.ts';
import { firstNotUtf8, foreignFile, isWideEncoding, xmlEncoding } from '../model/document-start.ts';
import { DataStreamCheck } from './data-stream-check.ts';
import { OvalChecker, OvalResultsCheck } from './oval-check.ts';
import { openPlain } from './plain-file.ts';
import type { ElementCheck, ElementStart, ProblemList } from './problem.ts';
import { XccdfCheck } from './xccdf-check.ts';

/** Text of a document by its own encoding, piece by piece; or why it has none. */
class DocumentText {
  #decoder: TextDecoder | undefined;
  #problem: string | undefined;
  /** Whether it is no XML, by its first bytes. */
  isForeign = false;
  /** Bytes before the piece that is decoded. */
  #before = 0;

  /** With a problem, the text is that before it. */
  decode(piece: Uint8Array): { text: string; problem?: string } {
    this.#decoder ??= this.#begin(piece);
    if (!this.#decoder) return { text: '', problem: this.#problem! };
    try {
      const text = this.#decoder.decode(piece, { stream: true });
      this.#before += piece.length;
      return { text };
    } catch {
      return this.#otherBytes(piece);
    }
  }

  /** Says whether the document ends within a character, or has nothing in it. */
  end(): { problem?: string } {
    if (this.#problem !== undefined) return {};
    if (!this.#decoder) return { problem: 'expected XML, found an empty file' };
    try {
      this.#decoder.decode();
      return {};
    } catch {
      return { problem: `the document ends within a character of ${this.#decoder.encoding}` };
    }
  }

  #begin(head: Uint8Array): TextDecoder | undefined {
    const foreign = foreignFile(head);
    const encoding = xmlEncoding(head);
    if (foreign) {
      this.#problem = `expected XML, found ${foreign.found}`;
      this.isForeign = true;
    } else if (isWideEncoding(encoding) && head[0] === 0x3c && head[1] === 0x3f)
      this.#problem = `the document says that it is in ${encoding.toUpperCase()}, but is not`;
    else
      try {
        return new TextDecoder(encoding, { fatal: true });
      } catch {
        this.#problem = `the encoding ${encoding} is not supported`;
      }
    return undefined;
  }

  #otherBytes(piece: Uint8Array): { text: string; problem: string } {
    const { encoding = '' } = this.#decoder ?? {};
    // A character of the piece before may end in this one.
    const start = piece.findIndex((byte) => (byte & 0xc0) !== 0x80);
    const at = encoding === 'utf-8' && start < 4 ? start + firstNotUtf8(piece.subarray(start)) : 0;
    this.#problem = `byte ${this.#before + at + 1}${encoding === 'utf-8' ? '' : ' or one behind it'} is not of ${encoding.toUpperCase()}`;
    return { text: new TextDecoder(encoding).decode(piece.subarray(0, at)), problem: this.#problem };
  }
}

/** The kind of a document, from its root element. */
export type ScapDocumentKind =
  | 'oval-definitions'
  | 'oval-results'
  | 'xccdf'
  | 'tailoring'
  | 'data-stream'
  | 'xccdf-results'
  | 'arf'
  | 'unknown';

export interface CheckedDocument {
  kind: ScapDocumentKind;
  /** Product name of the OVAL generator, or publisher of the benchmark; '' if there is none. */
  generator: string;
  wellFormed: boolean;
  /** Bytes of the uncompressed document that were read. */
  bytes: number;
}

/** Limit on nested elements; real documents have fewer than 40 levels. */
const depthLimit = 200;

/** Reads a document once, as a stream, and passes each element to the check for its kind. */
export async function checkDocument(path: string, problems: ProblemList): Promise<CheckedDocument> {
  const reader = new DocumentReader(problems);
  const text = new DocumentText();
  let bytes = 0;
  for await (const chunk of openPlain(path)) {
    bytes += chunk.length;
    const { text: part, problem } = text.decode(chunk);
    const goesOn = reader.write(part);
    if (problem !== undefined) reader.stop(text.isForeign ? 'kind-unknown' : 'not-well-formed', problem);
    if (!goesOn || problem !== undefined) break;
  }
  const { problem } = text.end();
  if (problem !== undefined) reader.stop('not-well-formed', problem);
  return { ...reader.end(), bytes };
}

const kinds: Record<string, ScapDocumentKind> = {
  oval_definitions: 'oval-definitions',
  oval_results: 'oval-results',
  Benchmark: 'xccdf',
  Tailoring: 'tailoring',
  'data-stream-collection': 'data-stream',
  TestResult: 'xccdf-results',
  'asset-report-collection': 'arf',
};

/** Elements that hold whole documents. */
const holders: ReadonlySet<string> = new Set(['component', 'oval_results']);

class DocumentReader {
  readonly #parser = new SaxesParser({ xmlns: false, position: true });
  readonly #problems: ProblemList;
  readonly #open: ElementStart[] = [];
  #kind: ScapDocumentKind = 'unknown';
  #check: ElementCheck | undefined;
  #wellFormed = true;
  #text = '';

  constructor(problems: ProblemList) {
    this.#problems = problems;
    this.#parser.on('opentag', ({ name, attributes }) =>
      this.#begin(name, attributes as Record<string, string>),
    );
    this.#parser.on('closetag', () => this.#end());
    this.#parser.on('text', (text) => {
      this.#text += text;
    });
    this.#parser.on('cdata', (text) => {
      this.#text += text;
    });
    this.#parser.on('doctype', () => {
      this.stop('document-type', 'a document type declaration');
    });
    this.#parser.on('error', (error) => {
      this.stop('not-well-formed', error.message.replace(/^\d+:\d+: /, ''));
    });
  }

  /** False if reading on is useless. */
  write(text: string): boolean {
    if (this.#wellFormed) this.#parser.write(text);
    return this.#wellFormed;
  }

  end(): Omit<CheckedDocument, 'bytes'> {
    if (this.#wellFormed) this.#parser.close();
    if (this.#wellFormed) this.#check?.finish();
    return { kind: this.#kind, generator: this.#check?.generator ?? '', wellFormed: this.#wellFormed };
  }

  #begin(qualified: string, attributes: Record<string, string>): void {
    if (!this.#wellFormed) return;
    const name = localName(qualified);
    if (this.#open.length === 0) this.#choose(name);
    if (this.#open.length >= depthLimit)
      this.stop('not-well-formed', `elements nested deeper than ${depthLimit}`);
    const element: ElementStart = { name, attributes, line: this.#parser.line, parent: this.#open.at(-1) };
    this.#checkNamespace(qualified, element);
    this.#open.push(element);
    this.#text = '';
    this.#check?.begin(element);
  }

  #end(): void {
    if (!this.#wellFormed) return;
    const element = this.#open.pop()!;
    this.#check?.end(element, this.#text);
    this.#text = '';
  }

  #choose(root: string): void {
    this.#kind = kinds[root] ?? 'unknown';
    this.#check = checkOf(this.#kind, this.#problems);
    if (this.#kind === 'unknown')
      this.#problems.error('kind-unknown', this.#parser.line, `root element <${root}>`);
  }

  /** Of the document's root, and of the documents inside of a data stream or of results. */
  #checkNamespace(qualified: string, { name, attributes, line, parent }: ElementStart): void {
    if (parent !== undefined && !holders.has(parent.name)) return;
    if (!isScapRootName(name)) return;
    const wrong = wrongScapRoot(name, { name, ns: namespaceOf(qualified, attributes, parent) });
    if (wrong !== undefined) this.#problems.error('namespace', line, wrong);
  }

  /** The document cannot be read further; the first reason counts. */
  stop(rule: 'not-well-formed' | 'document-type' | 'kind-unknown', message: string): void {
    if (this.#wellFormed) this.#problems.error(rule, this.#parser.line, message);
    this.#wellFormed = false;
  }
}

function checkOf(kind: ScapDocumentKind, problems: ProblemList): ElementCheck | undefined {
  if (kind === 'oval-definitions') return new OvalChecker(problems);
  if (kind === 'oval-results') return new OvalResultsCheck(problems);
  if (kind === 'xccdf' || kind === 'tailoring') return new XccdfCheck(problems);
  if (kind === 'data-stream') return new DataStreamCheck(problems);
  return undefined;
}

/** The namespace that an element's prefix stands for; '' for none. */
function namespaceOf(
  qualified: string,
  attributes: ElementStart['attributes'],
  parent: ElementStart | undefined,
): string {
  const colon = qualified.indexOf(':');
  const declaration = colon === -1 ? 'xmlns' : `xmlns:${qualified.slice(0, colon)}`;
  let declared = attributes[declaration];
  for (let above = parent; declared === undefined && above; above = above.parent) {
    declared = above.attributes[declaration];
  }
  return declared ?? '';
}

const localNames = new Map<string, string>();

/** XML prefixes are arbitrary; below a root of its namespace the local names are enough: each vocabulary here has its own. */
function localName(qualified: string): string {
  const colon = qualified.indexOf(':');
  if (colon === -1) return qualified;
  let name = localNames.get(qualified);
  if (name === undefined) {
    name = qualified.slice(colon + 1);
    if (localNames.size < 1000) localNames.set(qualified, name);
  }
  return name;
}
