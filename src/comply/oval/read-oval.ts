import { wrongScapRoot } from '../../model/compliance/index.ts';
import { otherRoot } from '../xml/other-root.ts';
import { malformed, readXml, type Visit, type XmlElement, type XmlVisitor } from '../xml/read-xml.ts';
import type { OvalDefinition, OvalDocument } from './model.ts';
import { DocumentGatherer, ovalSections } from './read-elements.ts';

/** Reads an OVAL definitions document. Elements that evaluation does not need (notes, signatures) are left out. */
export function readOval(source: Uint8Array | string, where: string): OvalDocument {
  const visitor = new OvalVisitor(where);
  readXml(source, where, visitor);
  return visitor.document;
}

/** Gathers an OVAL definitions document whose root is at depth 1. */
export class OvalVisitor implements XmlVisitor {
  readonly #collector: DocumentGatherer;
  readonly #where: string;
  #section = '';

  constructor(where: string) {
    this.#where = where;
    this.#collector = new DocumentGatherer(where);
  }

  get document(): OvalDocument {
    return this.#collector.document;
  }

  open(element: XmlElement, depth: number): Visit {
    if (depth === 1) {
      requireOvalRoot(element, this.#where);
      return 'enter';
    }
    if (depth === 2 && element.name === 'generator') return 'take';
    if (depth === 2 && ovalSections.has(element.name)) {
      this.#section = element.name;
      return 'enter';
    }
    return depth === 3 ? 'take' : 'skip';
  }

  take(element: XmlElement): void {
    if (element.name === 'generator') this.#collector.generator(element);
    else this.#collector.add(this.#section, element);
  }

  /** Adds a definition that was read elsewhere. */
  define(id: string, definition: OvalDefinition): void {
    this.#collector.define(id, definition);
  }
}

/** @throws CONTENT_MALFORMED for a root element that is not OVAL's definitions */
export function requireOvalRoot({ name, ns }: { name: string; ns: string }, where: string): void {
  if (name !== 'oval_definitions') throw otherRoot(where, 'OVAL definitions', { name, ns });
  const wrong = wrongScapRoot('oval_definitions', { name, ns });
  if (wrong !== undefined) throw malformed(where, wrong);
}
