import type { OvalDocumentInfo } from '../../model/compliance/index.ts';
import { elementKey } from '../content/compiled.ts';
import type { OvalSection, OvalTest } from '../oval/model.ts';
import { objectOf, requireOvalWords, stateOf, variableOf } from '../oval/read-elements.ts';
import type { XmlElement } from '../xml/read-xml.ts';
import type { PlaceList } from './buckets.ts';
import type { CheckedLines } from './checked-lines.ts';
import { type CompiledDefinition, keyHash } from './compiled-form.ts';
import { ElementPacker, type PackedElements } from './packed-elements.ts';
import type { ElementSink, ScannedDefinition } from './scan-document.ts';

/** Elements of one section of a document that have been written. */
export interface WrittenElements {
  /** Of the document, for errors. */
  where: string;
  /** Where their lines begin. */
  at: number;
  elements: PackedElements;
  /** Platforms that definitions name as affected. */
  platforms: string[];
}

/** A document's facts about itself besides its definitions. */
export type ScannedInfo = Omit<OvalDocumentInfo, 'platforms'>;

/** Receives the elements of documents, by the documents' numbers. */
export interface ElementIndex {
  add(document: number, written: WrittenElements): void;
  end(document: number, info: ScannedInfo): void;
}

/** Writes the elements of one document as they come. */
export class ElementWriter implements ElementSink {
  readonly #at: number;
  readonly #where: string;
  readonly #lines: CheckedLines;
  readonly #index: ElementIndex;
  readonly #places: PlaceList;
  #section: OvalSection = 'definitions';
  readonly #elements = new ElementPacker();
  #platforms = new Set<string>();
  /** Start of the lines that are not yet passed to the index. */
  #start = 0;

  /** `at`: number of the document. */
  constructor(at: number, where: string, lines: CheckedLines, index: ElementIndex, places: PlaceList) {
    this.#at = at;
    this.#where = where;
    this.#lines = lines;
    this.#index = index;
    this.#places = places;
  }

  definition(id: string, scanned: ScannedDefinition): void {
    const { version, class: kind, title, deprecated, metadata, criteria, platforms } = scanned;
    const value: CompiledDefinition = { version, class: kind, metadata };
    if (title !== '') value.title = title;
    if (deprecated) value.deprecated = deprecated;
    // The last member, before which a reader may cut the line.
    if (criteria) value.criteria = criteria;
    this.#write('definitions', id, value);
    for (const platform of platforms) this.#platforms.add(platform);
    this.#elements.definition(kind, criteria);
  }

  test(id: string, test: OvalTest): void {
    this.#write('tests', id, test);
    this.#elements.test(test);
  }

  element(section: 'objects' | 'states' | 'variables', id: string, element: XmlElement): void {
    requireOvalWords(element, this.#where);
    const value =
      section === 'objects'
        ? objectOf(element)
        : section === 'states'
          ? stateOf(element)
          : variableOf(element, this.#where);
    this.#write(section, id, value);
    this.#elements.value(value);
  }

  end(info: ScannedInfo): void {
    this.flush();
    this.#index.end(this.#at, info);
  }

  /** Adds the elements written so far to the index. */
  flush(): void {
    if (this.#elements.isEmpty) return;
    const elements = this.#elements.take(this.#section);
    this.#index.add(this.#at, {
      where: this.#where,
      at: this.#start,
      elements,
      platforms: [...this.#platforms],
    });
    this.#platforms = new Set();
  }

  #write(section: OvalSection, id: string, value: unknown): void {
    if (section !== this.#section) this.flush();
    this.#section = section;
    const key = elementKey(this.#at, section, id);
    const [at, length] = this.#lines.add(JSON.stringify({ key, value }));
    const hash = keyHash(key);
    if (this.#elements.isEmpty) this.#start = at;
    this.#elements.element(id, length);
    this.#places.add(section, id, hash, at, length);
  }
}
