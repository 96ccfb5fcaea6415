import { isUnread } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';

/** A package of a platform. */
export interface NamedPackage {
  platform: string;
  name: string;
}

/** Number of product ids about a package that could not be read. */
export type UnreadProducts = [platform: string, name: string, count: number];

/** Counts the product ids of one vulnerability that name a package and could not be read. */
export class Unread {
  readonly #counts = new Map<string, UnreadProducts>();

  add(reason: string, about: NamedPackage | undefined): void {
    if (!about || !isUnread(reason)) return;
    const key = keyOf(about);
    const known = this.#counts.get(key);
    if (known) known[2] += 1;
    else this.#counts.set(key, [about.platform, about.name, 1]);
  }

  /** Those about packages without other statements, in code-unit order of platforms and names. */
  beside(stated: readonly NamedPackage[]): UnreadProducts[] {
    if (this.#counts.size === 0) return [];
    const rest = unreadBeside([...this.#counts.values()], stated);
    return rest.sort((a, b) => compareCodeUnits(`${a[0]} ${a[1]}`, `${b[0]} ${b[1]}`));
  }
}

export function unreadBeside(
  unread: readonly UnreadProducts[],
  stated: readonly NamedPackage[],
): UnreadProducts[] {
  const known = new Set(stated.map(keyOf));
  return unread.filter(([platform, name]) => !known.has(keyOf({ platform, name })));
}

function keyOf({ platform, name }: NamedPackage): string {
  return `${platform} ${name}`;
}
