import type { PlatformIndex } from '../model/index.ts';
import type { Definition, Extend } from './components.ts';
import { describePatch, type Patch, worseSeverity } from './describe.ts';
import type { Way } from './form.ts';
import { inRelease } from './release.ts';

interface Collected extends Patch {
  packages: string[];
  vulnerabilities: string[];
  items: Way['item'][];
}

/** Gathers, while lines pass, what each advisory's update would make false. */
export class PatchCollector {
  readonly #index: PlatformIndex;
  readonly #patches = new Map<string, Collected>();

  constructor(index: PlatformIndex) {
    this.#index = index;
  }

  add(name: string, vulnerability: string, { claim, item }: Way): void {
    for (const advisory of claim.advisories ?? []) {
      let patch = this.#patches.get(advisory);
      if (!patch) {
        patch = {
          advisory,
          packages: [],
          vulnerabilities: [],
          severity: 'unknown',
          items: [],
        };
        this.#patches.set(advisory, patch);
      }
      if (patch.packages.at(-1) !== name) patch.packages.push(name);
      patch.vulnerabilities.push(vulnerability);
      patch.severity = worseSeverity(patch.severity, claim.severity ?? 'unknown');
      if (!patch.items.includes(item)) patch.items.push(item);
    }
  }

  /** A patch definition an advisory, by id: true where any of its packages is older than the update. */
  *definitions(release: Extend): Generator<Definition> {
    for (const advisory of [...this.#patches.keys()].sort()) {
      const patch = this.#patches.get(advisory)!;
      yield { ...describePatch(this.#index, patch), criteria: inRelease(release, patch.items) };
    }
  }
}
