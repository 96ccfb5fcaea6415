import type { PlatformIndex } from '../model/index.ts';
import type { Definition, Extend } from './components.ts';
import { describePatch, describeUpdate, type Patch, worseSeverity } from './describe.ts';
import type { Way } from './form.ts';
import { inRelease } from './release.ts';

interface Collected extends Patch {
  packages: string[];
  vulnerabilities: string[];
  items: Way['item'][];
}

/** Gathers, while lines pass, what each advisory's update would make false, and what updates without advisory would. */
export class PatchCollector {
  readonly #index: PlatformIndex;
  readonly #patches = new Map<string, Collected>();
  #update: Collected | undefined;

  constructor(index: PlatformIndex) {
    this.#index = index;
  }

  add(name: string, vulnerability: string, way: Way): void {
    const { advisories = [] } = way.claim;
    for (const advisory of advisories) {
      const patch = this.#patches.get(advisory) ?? emptyPatch(advisory);
      this.#patches.set(advisory, patch);
      collect(patch, name, vulnerability, way);
    }
    if (advisories.length > 0) return;
    this.#update ??= emptyPatch('');
    collect(this.#update, name, vulnerability, way);
  }

  /** At the end of a package's line: one definition for all its fixes that no advisory announced. */
  *update(name: string, release: Extend): Generator<Definition> {
    const update = this.#update;
    this.#update = undefined;
    if (!update) return;
    yield { ...describeUpdate(this.#index, name, update), criteria: inRelease(release, update.items) };
  }

  /** A patch definition an advisory, by id: true where any of its packages is older than the update. */
  *definitions(release: Extend): Generator<Definition> {
    for (const advisory of [...this.#patches.keys()].sort()) {
      const patch = this.#patches.get(advisory)!;
      yield { ...describePatch(this.#index, patch), criteria: inRelease(release, patch.items) };
    }
  }
}

function emptyPatch(advisory: string): Collected {
  return { advisory, packages: [], vulnerabilities: [], severity: 'unknown', items: [] };
}

function collect(patch: Collected, name: string, vulnerability: string, { claim, item }: Way): void {
  if (patch.packages.at(-1) !== name) patch.packages.push(name);
  if (patch.vulnerabilities.at(-1) !== vulnerability) patch.vulnerabilities.push(vulnerability);
  patch.severity = worseSeverity(patch.severity, claim.severity ?? 'unknown');
  if (!patch.items.includes(item)) patch.items.push(item);
}
