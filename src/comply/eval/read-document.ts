import { createHash } from 'node:crypto';
import {
  type DefinitionMetadata,
  type OvalDocumentInfo,
  wrongScapRoot,
} from '../../model/compliance/index.ts';
import { rootNameOfUtf8 } from '../content/find-component.ts';
import { lookupOf } from '../oval/lookup.ts';
import type {
  ExternalVariables,
  OvalClass,
  OvalCriteria,
  OvalDefinition,
  OvalDocument,
} from '../oval/model.ts';
import { criteriaOf, requireOvalWord, requireOvalWords, secondCriteria } from '../oval/read-elements.ts';
import { OvalVisitor } from '../oval/read-oval.ts';
import { wantedFiles } from '../probes/wanted.ts';
import {
  childText,
  isTrue,
  malformed,
  readElementAt,
  readUtf8Xml,
  textOf,
  utf8Head,
  utf8Of,
  type Visit,
  type XmlElement,
  type XmlVisitor,
} from '../xml/read-xml.ts';
import type { OvalContent } from './content.ts';
import { noMetadata, readGenerator, readMetadata } from './metadata.ts';

/** An OVAL document as it was read, with what it says about itself. */
export interface ReadDocument {
  document: OvalDocument;
  info: OvalDocumentInfo;
  /** Read again from the document, where it is asked for: few are. */
  metadata(definition: string): DefinitionMetadata;
}

/** Reads OVAL definitions, or the OVAL components of a data stream. */
export function readDocuments(source: Uint8Array | string, where: string): ReadDocument[] {
  const bytes = utf8Of(source, where);
  const visitor = new RootVisitor(where, bytes);
  readUtf8Xml(bytes, where, visitor);
  return visitor.documents.map(({ document, gathered }) => ({
    document,
    info: gathered.info(document.schemaVersion),
    metadata: (id) => gathered.metadata(id),
  }));
}

/** Whether a document is one of OVAL definitions, by its first part. @throws CONTENT_MALFORMED for what is no XML */
export function isOvalDefinitions(head: Uint8Array, where: string): boolean {
  const bytes = utf8Head(head, where);
  const isNamed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('oval_definitions');
  return isNamed && rootNameOfUtf8(bytes, where) === 'oval_definitions';
}

/** A definition whose title is read from its metadata when it is asked for. */
class ReadDefinition implements OvalDefinition {
  readonly version: string;
  readonly class: OvalClass;
  declare readonly deprecated?: true;
  declare criteria?: OvalCriteria;
  readonly #title: () => string;

  constructor({ attrs }: XmlElement, title: () => string) {
    this.version = attrs['version'] ?? '1';
    this.class = (attrs['class'] ?? 'miscellaneous') as OvalClass;
    if (isTrue(attrs['deprecated'])) this.deprecated = true;
    this.#title = title;
  }

  get title(): string {
    return this.#title();
  }
}

/** Gathers a document's facts about itself and its definitions. */
class Gathered {
  readonly platforms = new Set<string>();
  /** Places of the metadata of definitions. */
  readonly places = new Map<string, number>();
  generator: XmlElement | undefined;
  readonly #bytes: Uint8Array;
  readonly #component: string | undefined;

  constructor(bytes: Uint8Array, component: string | undefined) {
    this.#bytes = bytes;
    this.#component = component;
  }

  info(schemaVersion: string): OvalDocumentInfo {
    return {
      ...(this.#component === undefined ? {} : { component: this.#component }),
      ...(this.generator ? readGenerator(this.generator) : {}),
      schemaVersion,
      platforms: [...this.platforms].sort(),
    };
  }

  title(id: string): string {
    return titleOf(this.#element(id));
  }

  metadata(id: string): DefinitionMetadata {
    const element = this.#element(id);
    return element ? readMetadata(element) : noMetadata;
  }

  #element(id: string): XmlElement | undefined {
    const at = this.places.get(id);
    return at === undefined ? undefined : readElementAt(this.#bytes, at);
  }
}

function titleOf(metadata: XmlElement | undefined): string {
  return ((metadata && childText(metadata, 'title')) ?? '').replace(/\s+/g, ' ');
}

/**
 * Enters a document of either kind: OVAL begins at depth 1, or at depth 3 in a component of a data stream. Of the metadata of
 * definitions only the names of platforms are read at once.
 */
class RootVisitor implements XmlVisitor {
  readonly documents: { document: OvalDocument; gathered: Gathered }[] = [];
  readonly #where: string;
  readonly #bytes: Uint8Array;
  #component: string | undefined;
  #oval: OvalVisitor | undefined;
  #gathered: Gathered | undefined;
  #base = 0;
  #section = '';
  #test: XmlElement | undefined;
  #definition: { id: string; element: XmlElement; definition: ReadDefinition } | undefined;

  constructor(where: string, bytes: Uint8Array) {
    this.#where = where;
    this.#bytes = bytes;
  }

  open(element: XmlElement, depth: number, at: number): Visit {
    if (this.#oval && depth > this.#base + 1) return this.#inside(element, depth - this.#base, at);
    const { name, ns } = element;
    if (depth === 1 && wrongScapRoot('data-stream-collection', { name, ns }) === undefined) return 'enter';
    if (depth === 1) return this.#begin(element, 0);
    if (depth === 2 && name === 'component') {
      this.#component = element.attrs['id'] ?? '';
      return 'enter';
    }
    return depth === 3 && name === 'oval_definitions' ? this.#begin(element, 2) : 'skip';
  }

  take(element: XmlElement): void {
    const { name } = element;
    if (this.#definition && name === 'platform') this.#gathered?.platforms.add(textOf(element).trim());
    else if (this.#definition) {
      requireOvalWords(element, this.#where);
      this.#definition.definition.criteria = criteriaOf(element);
    } else {
      if (name === 'generator' && this.#gathered) this.#gathered.generator = element;
      this.#oval?.take(element);
    }
  }

  close(element: XmlElement): void {
    if (element.name === 'oval_definitions') this.#oval = undefined;
    if (this.#test === element) {
      this.#oval?.take(element);
      this.#test = undefined;
    }
    if (this.#definition?.element !== element) return;
    this.#oval?.define(this.#definition.id, this.#definition.definition);
    this.#definition = undefined;
  }

  #inside(element: XmlElement, depth: number, at: number): Visit {
    const { name } = element;
    if (depth === 2) this.#section = name;
    if (this.#section === 'tests' && depth > 2) return this.#inTest(element, depth);
    if (this.#section !== 'definitions' || depth < 3) return this.#oval?.open(element, depth) ?? 'skip';
    if (depth === 3) return this.#define(element);
    if (depth === 4 && name === 'metadata' && this.#definition) {
      this.#gathered?.places.set(this.#definition.id, at);
      return 'enter';
    }
    if (depth === 4 && name === 'criteria' && this.#definition?.definition.criteria)
      throw secondCriteria(this.#definition.id, this.#where);
    if (depth === 4) return name === 'criteria' ? 'take' : 'skip';
    if (depth === 5) return name === 'affected' ? 'enter' : 'skip';
    return name === 'platform' ? 'take' : 'skip';
  }

  /** Of a test, only attributes count. */
  #inTest(element: XmlElement, depth: number): Visit {
    if (depth === 3) {
      this.#test = element;
      return 'enter';
    }
    const { name } = element;
    if (depth === 4 && (name === 'object' || name === 'state')) this.#test?.children.push(element);
    return 'skip';
  }

  #define(element: XmlElement): Visit {
    const id = element.attrs['id'];
    if (id === undefined)
      throw malformed(this.#where, `an element of <definitions> has an id, found <${element.name}> without`);
    requireOvalWord('class', element.attrs['class'], this.#where);
    const gathered = this.#gathered;
    this.#definition = {
      id,
      element,
      definition: new ReadDefinition(element, () => gathered?.title(id) ?? ''),
    };
    return 'enter';
  }

  #begin(element: XmlElement, base: number): Visit {
    const gathered = new Gathered(this.#bytes, this.#component);
    const where = this.#component === undefined ? this.#where : `${this.#where}#${this.#component}`;
    this.#oval = new OvalVisitor(where);
    this.#base = base;
    this.#gathered = gathered;
    this.documents.push({ document: this.#oval.document, gathered });
    return this.#oval.open(element, 1);
  }
}

/** Reads OVAL definitions, or all OVAL components of a data stream, with the metadata of their definitions. */
export function readOvalContent(
  source: Uint8Array,
  { name, where }: { name: string; where: string },
  external: ExternalVariables = new Map(),
): OvalContent {
  const sha256 = createHash('sha256').update(source).digest('hex');
  const documents = readDocuments(source, where);
  if (documents.length === 0) throw malformed(where, 'the data stream has no OVAL component');
  return {
    info: { name, sha256, documents: documents.map(({ info }) => info) },
    documents: documents.map(({ document, info, metadata }) => ({
      info,
      metadata,
      lookup: lookupOf(document),
      testTypes: [...new Set(Object.values(document.tests).map(({ type }) => type))].sort(),
    })),
    wanted: wantedFiles(
      documents.map(({ document }) => document),
      external,
    ),
  };
}
