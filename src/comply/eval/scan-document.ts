import { type OvalDocumentInfo, wrongScapRoot } from '../../model/compliance/index.ts';
import {
  type OvalClass,
  type OvalCriteria,
  type OvalCriterion,
  type OvalOperator,
  type OvalTest,
  ovalType,
} from '../oval/model.ts';
import { ovalSections, requireOvalWord, secondCriteria } from '../oval/read-elements.ts';
import { requireOvalRoot } from '../oval/read-oval.ts';
import { maxDepth } from '../xml/depth.ts';
import { isTrue, malformed, type XmlElement } from '../xml/read-xml.ts';
import type { ElementAttributes, ScanHandler } from '../xml/scan-xml.ts';
import { type CompiledMetadata, noCompiledMetadata } from './compiled-metadata.ts';
import { readGenerator } from './metadata.ts';
import { MetadataScan } from './scan-metadata.ts';

/** A definition as it was scanned. */
export interface ScannedDefinition {
  version: string;
  class: OvalClass;
  title: string;
  deprecated?: true;
  metadata: CompiledMetadata;
  criteria?: OvalCriteria;
  /** Platforms that its metadata names as affected. */
  platforms: readonly string[];
}

/** Receives the elements of a document, each when it has been read. */
export interface ElementSink {
  definition(id: string, definition: ScannedDefinition): void;
  test(id: string, test: OvalTest): void;
  element(section: 'objects' | 'states' | 'variables', id: string, element: XmlElement): void;
  end(info: Omit<OvalDocumentInfo, 'platforms'>): void;
}

/**
 * Reads the elements of OVAL documents as they go by, one at a time: a document of OVAL definitions, or the OVAL components of
 * a data stream. Definitions and tests, of which vendors' documents have tens of thousands, are read without trees.
 */
export class DocumentScan implements ScanHandler {
  readonly #where: string;
  readonly #begin: (where: string) => ElementSink;
  #depth = 0;
  /** Depth of the element that is skipped, or 0. */
  #skipped = 0;
  readonly #tree: XmlElement[] = [];
  /** Where the document begins, one less than the depth of its root. */
  #base = 0;
  #sink: ElementSink | undefined;
  #component: string | undefined;
  #generator: XmlElement | undefined;
  #section = '';
  #id = '';
  #definition: ScannedDefinition | undefined;
  readonly #criteria: OvalCriteria[] = [];
  readonly #metadata = new MetadataScan();
  #test: OvalTest | undefined;
  #hasObject = false;
  readonly #types = new Map<string, { ns: string; type: string }>();

  constructor(where: string, begin: (where: string) => ElementSink) {
    this.#where = where;
    this.#begin = begin;
  }

  wantsAttributes(): boolean {
    return this.#skipped === 0;
  }

  wantsText(): boolean {
    return this.#skipped === 0 && (this.#tree.length > 0 || this.#metadata.wantsText);
  }

  open(ns: string, name: string, attrs: ElementAttributes | null): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw malformed(this.#where, `elements are nested deeper than ${maxDepth}`);
    if (attrs === null) return;
    const level = this.#depth - this.#base;
    if (this.#tree.length > 0) this.#plant({ ns, name, attrs: attrs.all(), children: [] });
    else if (level > 3) {
      if (this.#section === 'definitions') this.#inDefinition(name, attrs, level);
      else this.#inTest(name, attrs, level);
    } else if (this.#sink === undefined) this.#outside(ns, name, attrs);
    else if (level === 2) this.#enter(ns, name, attrs);
    else this.#element(ns, name, attrs);
  }

  text(text: string): void {
    const parent = this.#tree.at(-1);
    if (parent) parent.children.push(text);
    else this.#metadata.text(text);
  }

  close(): void {
    const depth = this.#depth;
    this.#depth -= 1;
    if (this.#skipped > 0) {
      if (depth === this.#skipped) this.#skipped = 0;
      return;
    }
    if (this.#tree.length > 0) {
      const element = this.#tree.pop()!;
      if (this.#tree.length === 0) this.#taken(element);
      return;
    }
    const level = depth - this.#base;
    if (level > 3) {
      if (this.#metadata.isOpen) this.#metadata.close(level - 4);
      else this.#criteria.pop();
    } else if (level === 3) this.#closeElement();
    else if (level === 1 && this.#sink) this.#closeDocument(this.#sink);
  }

  #plant(element: XmlElement): void {
    this.#tree.at(-1)?.children.push(element);
    this.#tree.push(element);
  }

  #skip(): void {
    this.#skipped = this.#depth;
  }

  /** Above the document. */
  #outside(ns: string, name: string, attrs: ElementAttributes): void {
    const depth = this.#depth;
    if (depth === 1 && wrongScapRoot('data-stream-collection', { name, ns }) === undefined) return;
    if (depth === 1 || (depth === 3 && name === 'oval_definitions')) this.#start(ns, name, depth - 1);
    else if (depth === 2 && name === 'component') this.#component = attrs.get('id') ?? '';
    else this.#skip();
  }

  #start(ns: string, name: string, base: number): void {
    const where = this.#component === undefined ? this.#where : `${this.#where}#${this.#component}`;
    requireOvalRoot({ name, ns }, where);
    this.#base = base;
    this.#generator = undefined;
    this.#sink = this.#begin(where);
  }

  #enter(ns: string, name: string, attrs: ElementAttributes): void {
    this.#section = name;
    if (name === 'generator') this.#plant({ ns, name, attrs: attrs.all(), children: [] });
    else if (!ovalSections.has(name)) this.#skip();
  }

  #element(ns: string, name: string, attrs: ElementAttributes): void {
    const section = this.#section;
    const id = attrs.get('id');
    if (id === undefined)
      throw malformed(this.#where, `an element of <${section}> has an id, found <${name}> without`);
    this.#id = id;
    if (section === 'definitions') this.#define(attrs);
    else if (section === 'tests') this.#test = this.#testOf(ns, name, attrs);
    else this.#plant({ ns, name, attrs: attrs.all(), children: [] });
  }

  #define(attrs: ElementAttributes): void {
    this.#metadata.reset();
    this.#criteria.length = 0;
    this.#definition = {
      version: attrs.get('version') ?? '1',
      class: (this.#word('class', attrs) ?? 'miscellaneous') as OvalClass,
      title: '',
      ...(isTrue(attrs.get('deprecated')) ? { deprecated: true as const } : {}),
      metadata: noCompiledMetadata,
      platforms: [],
    };
  }

  #inDefinition(name: string, attrs: ElementAttributes, level: number): void {
    if (this.#metadata.isOpen) {
      this.#metadata.open(name, attrs, level - 4);
      return;
    }
    if (level === 4) {
      if (name === 'metadata') this.#metadata.begin();
      else if (name === 'criteria' && this.#definition?.criteria) throw secondCriteria(this.#id, this.#where);
      else if (name === 'criteria') this.#openCriteria(attrs, undefined);
      else this.#skip();
      return;
    }
    const parent = this.#criteria.at(-1)!;
    if (name === 'criteria') this.#openCriteria(attrs, parent);
    else {
      if (name === 'criterion') parent.children.push(this.#leaf('test', attrs.get('test_ref') ?? '', attrs));
      else if (name === 'extend_definition')
        parent.children.push(this.#leaf('extend', attrs.get('definition_ref') ?? '', attrs));
      this.#skip();
    }
  }

  #openCriteria(attrs: ElementAttributes, parent: OvalCriteria | undefined): void {
    const operator = this.#word('operator', attrs) as OvalOperator | undefined;
    const comment = attrs.get('comment');
    const criteria: OvalCriteria = { children: [] };
    if (operator !== undefined && operator !== 'AND') criteria.operator = operator;
    if (isTrue(this.#word('negate', attrs))) criteria.negate = true;
    if (comment) criteria.comment = comment;
    if (parent) parent.children.push({ criteria });
    else if (this.#definition) this.#definition.criteria = criteria;
    this.#criteria.push(criteria);
  }

  #word(attribute: string, attrs: ElementAttributes): string | undefined {
    const text = attrs.get(attribute);
    requireOvalWord(attribute, text, this.#where);
    return text;
  }

  #leaf(kind: 'test' | 'extend', id: string, attrs: ElementAttributes): OvalCriterion {
    const criterion: OvalCriterion = kind === 'test' ? { test: id } : { extend: id };
    const comment = attrs.get('comment');
    if (isTrue(this.#word('negate', attrs))) criterion.negate = true;
    if (comment) criterion.comment = comment;
    return criterion;
  }

  #testOf(ns: string, name: string, attrs: ElementAttributes): OvalTest {
    this.#hasObject = false;
    const comment = attrs.get('comment');
    const existence = this.#word('check_existence', attrs) as OvalTest['existence'];
    const stateOperator = this.#word('state_operator', attrs) as OvalOperator | undefined;
    const test: OvalTest = {
      type: this.#typeOf(ns, name),
      version: attrs.get('version') ?? '1',
      check: (this.#word('check', attrs) ?? 'all') as OvalTest['check'],
    };
    if (comment) test.comment = comment;
    if (existence && existence !== 'at_least_one_exists') test.existence = existence;
    if (stateOperator && stateOperator !== 'AND') test.stateOperator = stateOperator;
    return test;
  }

  #typeOf(ns: string, name: string): string {
    const known = this.#types.get(name);
    if (known?.ns === ns) return known.type;
    const type = ovalType(ns, name);
    this.#types.set(name, { ns, type });
    return type;
  }

  #inTest(name: string, attrs: ElementAttributes, level: number): void {
    const test = this.#test;
    if (test && level === 4 && name === 'object' && !this.#hasObject) {
      this.#hasObject = true;
      const object = attrs.get('object_ref');
      if (object) test.object = object;
    } else if (test && level === 4 && name === 'state') {
      const state = attrs.get('state_ref') ?? '';
      if (test.states) test.states.push(state);
      else test.states = [state];
    }
    this.#skip();
  }

  #closeElement(): void {
    const { sink, id } = { sink: this.#sink, id: this.#id };
    if (this.#test) {
      sink?.test(id, this.#test);
      this.#test = undefined;
    } else if (this.#definition) {
      const definition = this.#definition;
      definition.title = this.#metadata.title;
      definition.metadata = this.#metadata.result;
      definition.platforms = this.#metadata.platforms;
      sink?.definition(id, definition);
      this.#definition = undefined;
    }
  }

  #taken(element: XmlElement): void {
    if (this.#section === 'generator') this.#generator = element;
    else this.#sink?.element(this.#section as 'objects', this.#id, element);
  }

  #closeDocument(sink: ElementSink): void {
    const component = this.#component;
    sink.end({
      ...(component === undefined ? {} : { component }),
      ...(this.#generator ? readGenerator(this.#generator) : { schemaVersion: '5.11' }),
    });
    this.#sink = undefined;
    this.#base = 0;
  }
}
