import type { OvalEntity } from './model.ts';

/**
 * Entities that content asks to mask: values collected for them must not be in results. An item that is found by one object or
 * test that masks and by one that does not is masked (EntityAttributeGroup).
 */
export class Masks {
  readonly #masked = new Map<string, Set<string>>();

  add(items: readonly OvalItem[], names: readonly string[]): void {
    if (names.length === 0) return;
    for (const item of items) {
      const key = keyOf(item);
      const known = this.#masked.get(key) ?? new Set<string>();
      for (const name of names) known.add(name);
      this.#masked.set(key, known);
    }
  }

  has(item: OvalItem, name: string): boolean {
    return this.#masked.size > 0 && this.#masked.get(keyOf(item))?.has(name) === true;
  }
}

export function maskedNames(entities: readonly OvalEntity[]): string[] {
  return entities.filter(({ mask }) => mask).map(({ name }) => name);
}

function keyOf({ type, key }: OvalItem): string {
  return `${type} ${key}`;
}

/** A thing found on the system, with its values by entity name in the order of the schema. */
export interface OvalItem {
  /** `unix/file` */
  type: string;
  status: ItemStatus;
  /** Items of one type with equal keys are the same: set operations and results count them once. */
  key: string;
  /** Line of the file that the item was found in, where it is text. */
  line?(): number;
  /** Values of an entity; undefined where the item has no such entity. */
  get(name: string): readonly ItemEntity[] | undefined;
  /** All entities, for results. */
  entries(): Iterable<readonly [string, readonly ItemEntity[]]>;
}

/** One value of an item, as system characteristics hold it. */
export interface ItemEntity {
  value: string;
  /** Default `string`. */
  datatype?: string;
  /** Default `exists`. */
  status?: ItemStatus;
  /** No report may show it: it is secret, or computed from a secret. */
  secret?: true;
  /** Fields of a record. */
  fields?: Readonly<Record<string, readonly ItemEntity[]>>;
}

export type ItemStatus = 'exists' | 'does not exist' | 'error' | 'not collected';

export type CollectionFlag =
  | 'complete'
  | 'incomplete'
  | 'does not exist'
  | 'error'
  | 'not collected'
  | 'not applicable';

/** Result of collecting an object. */
export interface Collection {
  flag: CollectionFlag;
  items: readonly OvalItem[];
  /** Why the flag is not `complete`, for the reader of a result. */
  message?: string;
}

export const nothing: Collection = { flag: 'does not exist', items: [] };

/** `complete` with items, `does not exist` without. */
export function collection(items: readonly OvalItem[]): Collection {
  return items.length > 0 ? { flag: 'complete', items } : nothing;
}

export function failure(flag: CollectionFlag, message: string): Collection {
  return { flag, items: [], message };
}

/** Plain value of an entity: a string, with its datatype where that is not `string`. */
type PlainValue = string | number | boolean | ItemEntity | readonly (string | ItemEntity)[] | undefined;

/** An item from plain values; `undefined` leaves the entity out, numbers are `int`. */
export function makeItem(
  type: string,
  values: Readonly<Record<string, PlainValue>>,
  status: ItemStatus = 'exists',
  line?: () => number,
): OvalItem {
  return Object.assign(new PlainItem(type, values, status), line ? { line } : {});
}

/** Entity of a value that an SBOM leaves out. */
export const unstated: ItemEntity = { value: '', status: 'not collected' };

/** Entity of a value that does not exist. */
export const absent: ItemEntity = { value: '', status: 'does not exist' };

class PlainItem implements OvalItem {
  readonly type: string;
  readonly status: ItemStatus;
  readonly #values: Readonly<Record<string, PlainValue>>;
  #key: string | undefined;

  constructor(type: string, values: Readonly<Record<string, PlainValue>>, status: ItemStatus) {
    this.type = type;
    this.status = status;
    this.#values = values;
  }

  get key(): string {
    this.#key ??= JSON.stringify([...this.entries()]);
    return this.#key;
  }

  get(name: string): readonly ItemEntity[] | undefined {
    return Object.hasOwn(this.#values, name) ? entitiesOf(this.#values[name]) : undefined;
  }

  *entries(): Generator<readonly [string, readonly ItemEntity[]]> {
    for (const [name, value] of Object.entries(this.#values)) {
      const entities = entitiesOf(value);
      if (entities) yield [name, entities];
    }
  }
}

function entitiesOf(value: PlainValue): readonly ItemEntity[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return [{ value }];
  if (typeof value === 'number') return [{ value: String(value), datatype: 'int' }];
  if (typeof value === 'boolean') return [{ value: String(value), datatype: 'boolean' }];
  if (Array.isArray(value)) return value.map((each) => (typeof each === 'string' ? { value: each } : each));
  return [value as ItemEntity];
}
