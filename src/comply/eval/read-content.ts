import { createHash } from 'node:crypto';
import type { DefinitionMetadata, OvalDocumentInfo } from '../../model/index.ts';
import { lookupOf } from '../oval/lookup.ts';
import type { ExternalVariables, OvalDocument } from '../oval/model.ts';
import type { OvalListener } from '../oval/read-elements.ts';
import { OvalVisitor } from '../oval/read-oval.ts';
import { wantedFiles } from '../probes/wanted.ts';
import { malformed, readXml, type Visit, type XmlElement, type XmlVisitor } from '../xml/read-xml.ts';
import type { OvalContent, OvalContentDocument } from './content.ts';
import { affectedPlatforms, noMetadata, readGenerator, readMetadata } from './metadata.ts';

/** Reads OVAL definitions, or all OVAL components of a data stream, with the metadata of their definitions. */
export function readOvalContent(
  source: Uint8Array,
  { name, where }: { name: string; where: string },
  external: ExternalVariables = new Map(),
): OvalContent {
  const sha256 = createHash('sha256').update(source).digest('hex');
  const read = readDocuments(source, where);
  if (read.length === 0) throw malformed(where, 'the data stream has no OVAL component');
  const documents = read.map(({ document, gathered }) => contentDocument(document, gathered));
  return {
    info: { name, sha256, documents: documents.map(({ info }) => info) },
    documents,
    wanted: wantedFiles(
      read.map(({ document }) => document),
      external,
    ),
  };
}

/** An OVAL document as it was read, with what it says about itself. */
export interface ReadDocument {
  document: OvalDocument;
  gathered: Gathered;
}

export function readDocuments(source: Uint8Array | string, where: string): ReadDocument[] {
  const visitor = new RootVisitor(where);
  readXml(source, where, visitor);
  return visitor.documents;
}

function contentDocument(document: OvalDocument, { definitions, info }: Gathered): OvalContentDocument {
  return {
    info: { ...info, schemaVersion: document.schemaVersion },
    lookup: lookupOf(document),
    testTypes: [...new Set(Object.values(document.tests).map(({ type }) => type))].sort(),
    metadata: (id) => definitions.get(id) ?? noMetadata,
  };
}

/** Remembers what a document says about itself and its definitions. */
export class Gathered implements OvalListener {
  readonly definitions = new Map<string, DefinitionMetadata>();
  readonly #component: string | undefined;
  readonly #platforms = new Set<string>();
  #generator: Omit<OvalDocumentInfo, 'platforms'> = { schemaVersion: '5.11' };

  constructor(component?: string) {
    this.#component = component;
  }

  /** What the document says about itself, once all of it is read. */
  get info(): OvalDocumentInfo {
    const component = this.#component === undefined ? {} : { component: this.#component };
    return { ...component, ...this.#generator, platforms: [...this.#platforms].sort() };
  }

  generator(element: XmlElement): void {
    this.#generator = readGenerator(element);
  }

  metadata(id: string, element: XmlElement): void {
    this.definitions.set(id, readMetadata(element));
    for (const platform of affectedPlatforms(element)) if (platform !== '') this.#platforms.add(platform);
  }
}

const dataStreamNs = 'http://scap.nist.gov/schema/scap/source/1.2';

/** Enters a document of either kind: OVAL begins at depth 1, or at depth 3 in a component of a data stream. */
class RootVisitor implements XmlVisitor {
  readonly documents: ReadDocument[] = [];
  readonly #where: string;
  #component: string | undefined;
  #oval: OvalVisitor | undefined;
  #base = 0;

  constructor(where: string) {
    this.#where = where;
  }

  open(element: XmlElement, depth: number): Visit {
    if (this.#oval && depth > this.#base + 1) return this.#oval.open(element, depth - this.#base);
    const { name, ns } = element;
    if (depth === 1 && name === 'data-stream-collection' && ns === dataStreamNs) return 'enter';
    if (depth === 1) return this.#begin(element, 0);
    if (depth === 2 && name === 'component') {
      this.#component = element.attrs['id'] ?? '';
      return 'enter';
    }
    return depth === 3 && name === 'oval_definitions' ? this.#begin(element, 2) : 'skip';
  }

  take(element: XmlElement): void {
    this.#oval?.take(element);
  }

  close(element: XmlElement): void {
    if (element.name === 'oval_definitions') this.#oval = undefined;
  }

  #begin(element: XmlElement, base: number): Visit {
    const gathered = new Gathered(this.#component);
    const where = this.#component === undefined ? this.#where : `${this.#where}#${this.#component}`;
    this.#oval = new OvalVisitor(where, gathered);
    this.#base = base;
    this.documents.push({ document: this.#oval.document, gathered });
    return this.#oval.open(element, 1);
  }
}
