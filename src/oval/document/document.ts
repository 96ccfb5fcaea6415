import { renameSync } from 'node:fs';
import { ScapfeedError } from '../../model/error.ts';
import { escapeXml } from '../../model/markup.ts';
import type {
  ConstantVariable,
  Criteria,
  Criterion,
  Definition,
  DefinitionFacts,
  Extend,
  ObjectElement,
  Reference,
  Test,
  Unknown,
} from './components.ts';
import { type Fingerprint, fingerprint, IdRegister } from './content-id.ts';
import { Recent } from './recent.ts';
import {
  type Element,
  elementName,
  renderMetadata,
  renderObject,
  renderReference,
  renderState,
  renderVariable,
} from './render.ts';
import { notWritable, Section } from './section.ts';
import { attribute } from './xml.ts';

export interface DocumentHeader {
  /** Middle part of every id: `org.scapfeed.debian-12`. */
  namespace: string;
  /** ISO 8601 UTC; from the data, not from the clock. */
  updated: string;
  toolVersion: string;
}

export interface OvalSummary {
  bytes: number;
  definitions: number;
  tests: number;
  objects: number;
  states: number;
  variables: number;
}

type Kind = 'def' | 'tst' | 'obj' | 'ste' | 'var';

/** Cache size for rendered criteria and objects: those of one package's definitions. */
const recentItems = 64;

const sectionOf = { tst: 'tests', obj: 'objects', ste: 'states', var: 'variables' } as const;

/**
 * One OVAL definitions document, written as it grows. Equal tests, objects, states and variables are written once. They come
 * after the definitions (schema order), so they are written to files of their own until the end. No file has its final name
 * before `publish`.
 */
export class OvalWriter {
  readonly path: string;
  readonly #header: DocumentHeader;
  readonly #main: Section;
  readonly #sections: Record<keyof typeof sectionOf, Section>;
  readonly #registers: Record<Kind, IdRegister>;
  /** Prefixes of ids, by kind. */
  readonly #ids: Record<Kind, string>;
  readonly #counts: Record<Kind, number> = { def: 0, tst: 0, obj: 0, ste: 0, var: 0 };
  // Forms use one criterion object for many definitions; a cache by identity avoids rendering it again.
  readonly #objectIds = new Recent<ObjectElement, string>(recentItems);
  readonly #rendered = new Recent<Criterion | Extend, string>(recentItems);
  readonly #criteriaTexts = new Recent<Criteria, string>(recentItems);
  readonly #texts: FactsTexts;

  /** `texts`: shared by documents that are written side by side from the same facts. */
  constructor(path: string, header: DocumentHeader, texts = new FactsTexts()) {
    this.path = path;
    this.#texts = texts;
    this.#header = header;
    this.#main = new Section(`${path}.partial`);
    const part = (name: string) => new Section(`${path}.${name}.partial`);
    this.#sections = {
      tst: part('tests'),
      obj: part('objects'),
      ste: part('states'),
      var: part('variables'),
    };
    const id = (kind: Kind) => `oval:${header.namespace}:${kind}:`;
    this.#ids = { def: id('def'), tst: id('tst'), obj: id('obj'), ste: id('ste'), var: id('var') };
    const register = () => new IdRegister();
    this.#registers = { def: register(), tst: register(), obj: register(), ste: register(), var: register() };
    this.#main.write(documentHead(header));
  }

  /** Full id of the definition with a key, written or not. */
  definitionId(key: string): string {
    return definitionId(this.#header.namespace, key);
  }

  definition({ facts, criteria }: Definition): void {
    const { print, metadata } = this.#texts.of(facts);
    this.#claim(print, facts.key);
    const id = `<definition class="${facts.class}" id="${this.#ids.def}${print.digits}" version="1">`;
    this.#main.write(`${id}${metadata}${this.#definitionCriteria(criteria)}</definition>\n`);
  }

  /** Name of a finished document until `publish` renames it. */
  get unpublished(): string {
    return this.#main.path;
  }

  /** Ends the document under the name `unpublished`. */
  finish(): OvalSummary {
    this.#main.write('</definitions>\n');
    for (const kind of ['tst', 'obj', 'ste', 'var'] as const) {
      if (this.#counts[kind] === 0) {
        this.#sections[kind].discard();
        continue;
      }
      this.#main.write(`<${sectionOf[kind]}>\n`);
      this.#main.append(this.#sections[kind]);
      this.#main.write(`</${sectionOf[kind]}>\n`);
    }
    this.#main.write('</oval_definitions>\n');
    this.#main.close();
    const { def, tst, obj, ste, var: variables } = this.#counts;
    return {
      bytes: this.#main.bytes,
      definitions: def,
      tests: tst,
      objects: obj,
      states: ste,
      variables,
    };
  }

  publish(): void {
    try {
      renameSync(this.#main.path, this.path);
    } catch (cause) {
      throw notWritable(this.path, cause);
    }
  }

  /** Removes everything that was not published. */
  abandon(): void {
    this.#main.discard();
    for (const section of Object.values(this.#sections)) section.discard();
  }

  /** Definitions of a package with equal criteria share the object. */
  #definitionCriteria(of: Criteria): string {
    return this.#criteriaTexts.get(of) ?? this.#criteriaTexts.set(of, this.#criteria(of));
  }

  #criteria({ operator, of }: Criteria): string {
    let text = operator === 'AND' ? '<criteria>' : '<criteria operator="OR">';
    for (const item of of) text += this.#criteriaItem(item);
    return text + '</criteria>';
  }

  #criteriaItem(item: Criteria | Criterion | Extend | Unknown): string {
    if ('operator' in item) return this.#criteria(item);
    if ('unknown' in item) return this.#unknown(item);
    return (
      this.#rendered.get(item) ??
      this.#rendered.set(item, 'test' in item ? this.#criterion(item) : this.#extend(item))
    );
  }

  #extend({ definition, comment }: Extend): string {
    return `<extend_definition definition_ref="${this.definitionId(definition)}"${attribute('comment', comment)}/>`;
  }

  #criterion({ test }: Criterion): string {
    return `<criterion test_ref="${this.#test(test)}"${attribute('comment', test.comment)}/>`;
  }

  #unknown({ unknown }: Unknown): string {
    const comment = attribute('comment', unknown);
    const attributes = ` check="at least one"${comment}`;
    const id = this.#element('tst', { name: 'ind:unknown_test', attributes, body: '' }, unknown);
    return `<criterion test_ref="${id}"${comment}/>`;
  }

  #test({ object, state, comment }: Test): string {
    const prefix = elementName(object.kind, 'object').split(':')[0];
    const objectRef = this.#object(object, comment);
    const stateRef = state && this.#element('ste', renderState(state), comment);
    const body =
      `<${prefix}:object object_ref="${objectRef}"/>` +
      (stateRef ? `<${prefix}:state state_ref="${stateRef}"/>` : '');
    const attributes = ` check="at least one"${attribute('comment', comment)}`;
    return this.#element('tst', { name: elementName(object.kind, 'test'), attributes, body }, comment);
  }

  #object(object: ObjectElement, where: string): string {
    const known = this.#objectIds.get(object);
    if (known !== undefined) return known;
    const element = renderObject(object, (variable) => this.#variable(variable));
    return this.#objectIds.set(object, this.#element('obj', element, where));
  }

  #variable(variable: ConstantVariable): string {
    return this.#element('var', renderVariable(variable), variable.comment);
  }

  #element(kind: Exclude<Kind, 'def'>, { name, attributes, body }: Element, where: string): string {
    const print = fingerprint(`${name}${attributes}>${body}`);
    const id = this.#ids[kind] + print.digits;
    if (!this.#registers[kind].register(print, where)) return id;
    this.#counts[kind] += 1;
    this.#sections[kind].write(`<${name} id="${id}" version="1"${attributes}>${body}</${name}>\n`);
    return id;
  }

  #claim(print: Fingerprint, key: string): void {
    if (!this.#registers.def.register(print, key)) {
      throw new ScapfeedError({
        code: 'SOURCE_MALFORMED',
        message: 'expected one definition of a vulnerability and package, found a second',
        where: `${this.path} ${key}`,
        remedy:
          'Rebuild the index: its claims of one package must not name a vulnerability twice for one use.',
      });
    }
    this.#counts.def += 1;
  }
}

/** Cache size for texts: those of the definitions that the documents of one platform write next. */
const recentTexts = 4;

interface FactsText {
  print: Fingerprint;
  /** The element `metadata`. */
  metadata: string;
}

/** Cache size for references: those to the advisories of one package. */
const recentReferences = 16;

/** Cache of the texts of facts, for documents that write the same ones one after the other. */
export class FactsTexts {
  readonly #texts = new Recent<DefinitionFacts, FactsText>(recentTexts);
  readonly #references = new Recent<Reference, string>(recentReferences);
  #platform = { name: '', text: '' };

  of(facts: DefinitionFacts): FactsText {
    return (
      this.#texts.get(facts) ??
      this.#texts.set(facts, { print: fingerprint(facts.key), metadata: renderMetadata(facts, this) })
    );
  }

  /** The same in every definition of a document. */
  platform(name: string): string {
    if (name !== this.#platform.name) this.#platform = { name, text: escapeXml(name) };
    return this.#platform.text;
  }

  /** An advisory's is the same in the definition of each flaw that it fixes. */
  reference(reference: Reference): string {
    return this.#references.get(reference) ?? this.#references.set(reference, renderReference(reference));
  }
}

/** Id of the definition with a key: the same in every document and every build. */
export function definitionId(namespace: string, key: string): string {
  return `oval:${namespace}:def:${fingerprint(key).digits}`;
}

const base = 'http://oval.mitre.org/XMLSchema';

function documentHead({ updated, toolVersion }: DocumentHeader): string {
  const schemas = [
    `${base}/oval-definitions-5 oval-definitions-schema.xsd`,
    `${base}/oval-definitions-5#independent independent-definitions-schema.xsd`,
    `${base}/oval-definitions-5#linux linux-definitions-schema.xsd`,
    `${base}/oval-common-5 oval-common-schema.xsd`,
  ];
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<oval_definitions xmlns="${base}/oval-definitions-5" xmlns:oval="${base}/oval-common-5"` +
    ` xmlns:ind="${base}/oval-definitions-5#independent" xmlns:linux="${base}/oval-definitions-5#linux"` +
    ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${schemas.join(' ')}">\n` +
    '<generator><oval:product_name>scapfeed</oval:product_name>' +
    `<oval:product_version>${escapeXml(toolVersion)}</oval:product_version>` +
    '<oval:schema_version>5.11.1</oval:schema_version>' +
    `<oval:timestamp>${escapeXml(ovalTime(updated))}</oval:timestamp></generator>\n<definitions>\n`
  );
}

/**
 * xs:dateTime in UTC without fraction: a date alone begins at midnight. The schemas of OVAL and of data streams want one: where no
 * data of the feed has a date it is the first second of 1970.
 */
export function ovalTime(updated: string): string {
  const [day = '', time = '00:00:00'] = updated.replace(/(\.\d+)?Z$/, '').split('T');
  return `${day}T${time}`;
}
