import {
  childElements,
  malformed,
  readXml,
  textOf,
  type Visit,
  type XmlElement,
  type XmlVisitor,
} from '../xml/read-xml.ts';
import { type ExternalVariables, type OvalDocument, ovalType } from './model.ts';
import { DocumentGatherer, ovalDefinitionsNs, ovalSections } from './read-elements.ts';

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
      this.#checkRoot(element);
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

  #checkRoot({ name, ns }: XmlElement): void {
    if (name === 'oval_definitions' && ns === ovalDefinitionsNs) return;
    const found = `<${name}> of ${ns || 'no namespace'}`;
    throw malformed(this.#where, `expected <oval_definitions> of ${ovalDefinitionsNs}, found ${found}`);
  }
}

/** One value of an item, as system characteristics hold it. */
export interface ItemEntity {
  value: string;
  /** Default `string`. */
  datatype?: string;
  /** Default `exists`. */
  status?: ItemStatus;
  /** No report may show it: it is a secret of the image, or made of one. */
  secret?: true;
  /** Fields of a record. */
  fields?: Readonly<Record<string, readonly ItemEntity[]>>;
}

export type ItemStatus = 'exists' | 'does not exist' | 'error' | 'not collected';

export interface SystemItem {
  type: string;
  status: ItemStatus;
  entities: Record<string, ItemEntity[]>;
}

export type CollectionFlag =
  | 'complete'
  | 'incomplete'
  | 'does not exist'
  | 'error'
  | 'not collected'
  | 'not applicable';

/** Collected objects and items of an OVAL system characteristics document. */
export interface SystemCharacteristics {
  objects: Map<string, { flag: CollectionFlag; items: string[]; variables: Map<string, string[]> }>;
  items: Map<string, SystemItem>;
}

/** Reads an OVAL system characteristics document. */
export function readSystemCharacteristics(source: Uint8Array | string, where: string): SystemCharacteristics {
  const result: SystemCharacteristics = { objects: new Map(), items: new Map() };
  readXml(source, where, {
    open: (element, depth) => {
      if (depth === 1 && element.name !== 'oval_system_characteristics') {
        throw malformed(where, `expected <oval_system_characteristics>, found <${element.name}>`);
      }
      if (depth === 1) return 'enter';
      if (depth === 2)
        return element.name === 'collected_objects' || element.name === 'system_data' ? 'enter' : 'skip';
      return 'take';
    },
    take: (element) => {
      if (element.name === 'object') result.objects.set(element.attrs['id'] ?? '', collectedOf(element));
      else result.items.set(element.attrs['id'] ?? '', itemOf(element));
    },
  });
  return result;
}

/** Reads an OVAL variables document: the values of external variables. */
export function readOvalVariables(source: Uint8Array | string, where: string): ExternalVariables {
  const values = new Map<string, string[]>();
  readXml(source, where, {
    open: (element, depth) => {
      if (depth === 1 && element.name !== 'oval_variables') {
        throw malformed(where, `expected <oval_variables>, found <${element.name}>`);
      }
      if (depth === 1 || (depth === 2 && element.name === 'variables')) return 'enter';
      return depth === 3 ? 'take' : 'skip';
    },
    take: (element) => {
      values.set(element.attrs['id'] ?? '', childElements(element, 'value').map(textOf));
    },
  });
  return values;
}

function collectedOf(element: XmlElement): {
  flag: CollectionFlag;
  items: string[];
  variables: Map<string, string[]>;
} {
  const variables = new Map<string, string[]>();
  for (const value of childElements(element, 'variable_value')) {
    const id = value.attrs['variable_id'] ?? '';
    variables.set(id, [...(variables.get(id) ?? []), textOf(value)]);
  }
  return {
    flag: (element.attrs['flag'] ?? 'complete') as CollectionFlag,
    items: childElements(element, 'reference').map((reference) => reference.attrs['item_ref'] ?? ''),
    variables,
  };
}

function itemOf(element: XmlElement): SystemItem {
  const entities: Record<string, ItemEntity[]> = {};
  for (const child of childElements(element)) {
    if (child.name !== 'message') append(entities, child.name, itemEntityOf(child));
  }
  return {
    type: ovalType(element.ns, element.name),
    status: (element.attrs['status'] ?? 'exists') as ItemStatus,
    entities,
  };
}

function itemEntityOf(element: XmlElement): ItemEntity {
  const { datatype, status } = element.attrs;
  const fields = childElements(element, 'field');
  const record: Record<string, ItemEntity[]> = {};
  for (const field of fields) append(record, field.attrs['name'] ?? '', itemEntityOf(field));
  return {
    value: fields.length > 0 ? '' : textOf(element),
    ...(datatype ? { datatype } : {}),
    ...(status ? { status: status as ItemStatus } : {}),
    ...(fields.length > 0 ? { fields: record } : {}),
  };
}

function append<T>(record: Record<string, T[]>, key: string, value: T): void {
  const list = record[key];
  if (list) list.push(value);
  else record[key] = [value];
}
