import type { ObjectCollector } from '../../../src/comply/oval/engine.ts';
import {
  type CollectionFlag,
  failure,
  type ItemEntity,
  type ItemStatus,
  type OvalItem,
} from '../../../src/comply/oval/items.ts';
import { ovalType } from '../../../src/comply/oval/model.ts';
import {
  childElements,
  malformed,
  readXml,
  textOf,
  type XmlElement,
} from '../../../src/comply/xml/read-xml.ts';

/** Collects from a system characteristics document instead of a system: evaluation without any probe. */
export function collectorOf(characteristics: SystemCharacteristics): ObjectCollector {
  return (_object, id) => {
    const collected = characteristics.objects.get(id);
    if (!collected) return failure('not collected', `the object ${id} is not in the system characteristics`);
    const items = collected.items.flatMap((itemId) => {
      const item = characteristics.items.get(itemId);
      return item ? [new CharacteristicsItem(itemId, item)] : [];
    });
    return { flag: collected.flag, items };
  };
}

class CharacteristicsItem implements OvalItem {
  readonly key: string;
  readonly #item: SystemItem;

  constructor(id: string, item: SystemItem) {
    this.key = id;
    this.#item = item;
  }

  get type(): string {
    return this.#item.type;
  }

  get status(): SystemItem['status'] {
    return this.#item.status;
  }

  get(name: string): readonly ItemEntity[] | undefined {
    return Object.hasOwn(this.#item.entities, name) ? this.#item.entities[name] : undefined;
  }

  entries(): Iterable<readonly [string, readonly ItemEntity[]]> {
    return Object.entries(this.#item.entities);
  }
}

export interface SystemItem {
  type: string;
  status: ItemStatus;
  entities: Record<string, ItemEntity[]>;
}

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
