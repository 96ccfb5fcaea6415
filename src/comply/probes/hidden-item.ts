import type { Collection, ItemEntity, OvalItem } from '../oval/items.ts';
import type { Probe } from './probe.ts';

type Secret = Exclude<Probe['secret'], 'none'>;

/** What a probe has collected, its secret entities marked: variables and reports go by the mark. */
export function hideSecrets(collected: Collection, secret: Probe['secret']): Collection {
  if (secret === 'none' || collected.items.length === 0) return collected;
  return { ...collected, items: collected.items.map((item) => new HiddenItem(item, secret)) };
}

class HiddenItem implements OvalItem {
  readonly #item: OvalItem;
  readonly #secret: Secret;
  readonly line?: () => number;

  constructor(item: OvalItem, secret: Secret) {
    this.#item = item;
    this.#secret = secret;
    const { line } = item;
    if (line) this.line = line;
  }

  get type(): string {
    return this.#item.type;
  }

  get status(): OvalItem['status'] {
    return this.#item.status;
  }

  get key(): string {
    return this.#item.key;
  }

  get(name: string): readonly ItemEntity[] | undefined {
    return this.#marked(name, this.#item.get(name));
  }

  *entries(): Generator<readonly [string, readonly ItemEntity[]]> {
    for (const [name, entities] of this.#item.entries()) yield [name, this.#marked(name, entities) ?? []];
  }

  #marked(name: string, entities: readonly ItemEntity[] | undefined): readonly ItemEntity[] | undefined {
    if (!entities || !this.#isSecret(name)) return entities;
    return entities.map((entity) => ({ ...entity, secret: true }));
  }

  #isSecret(name: string): boolean {
    return typeof this.#secret === 'function' ? this.#secret(this.#item, name) : this.#secret.includes(name);
  }
}
