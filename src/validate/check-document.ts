import { SaxesParser } from 'saxes';
import { isScapRootName, wrongScapRoot } from '../model/index.ts';
import { DataStreamCheck } from './data-stream-check.ts';
import { DocumentText } from './document-text.ts';
import type { ElementCheck, ElementStart } from './element.ts';
import { OvalChecker } from './oval-check.ts';
import { OvalResultsCheck } from './oval-results-check.ts';
import { openPlain } from './plain-file.ts';
import type { ProblemList } from './problem.ts';
import { XccdfCheck } from './xccdf-check.ts';

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
export const depthLimit = 200;

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
