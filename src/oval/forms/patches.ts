import { type PlatformIndex, type Severity, type ShardLine, worseSeverity } from '../../model/feed/index.ts';
import type { Definition, Extend } from '../document/components.ts';
import type { Describer, Patch } from './describe.ts';
import { inRelease } from './release.ts';
import type { Way } from './rows.ts';

interface Collected {
  packages: Set<string>;
  vulnerabilities: Set<string>;
  severity: Severity;
  items: Set<Way['item']>;
}

/** Collects from rows what the update of each advisory makes false, and what updates without advisory do. */
export class PatchCollector {
  readonly #describer: Describer;
  readonly #release: Extend;
  readonly #patches = new Map<string, Collected>();
  #update: Collected | undefined;

  constructor(describer: Describer, release: Extend) {
    this.#describer = describer;
    this.#release = release;
  }

  add(name: string, vulnerability: string, way: Way): void {
    const { advisories = [] } = way.claim;
    for (const advisory of advisories) {
      const patch = this.#patches.get(advisory) ?? emptyPatch();
      this.#patches.set(advisory, patch);
      collect(patch, name, vulnerability, way);
    }
    if (advisories.length > 0) return;
    this.#update ??= emptyPatch();
    collect(this.#update, name, vulnerability, way);
  }

  /** The definition of fixes collected without advisory since the last call, for one subject. */
  update(name: string): Definition | undefined {
    const update = this.#update;
    if (!update) return undefined;
    this.#update = undefined;
    return {
      facts: this.#describer.update(name, patchOf('', update)),
      criteria: inRelease(this.#release, [...update.items]),
    };
  }

  /** True if the advisory's update is not installed; undefined if no row names it. */
  patch(advisory: string): Definition | undefined {
    const patch = this.#patches.get(advisory);
    if (!patch) return undefined;
    this.#patches.delete(advisory);
    return {
      facts: this.#describer.patch(patchOf(advisory, patch)),
      criteria: inRelease(this.#release, [...patch.items]),
    };
  }
}

/** Returns after a line the advisories that no later line names, so that few patches are kept at a time. */
export function linesByAdvisory({ lines }: PlatformIndex): { after(line: ShardLine): string[] } {
  const left = new Map<string, number>();
  for (const line of lines) {
    for (const advisory of advisoriesOf(line)) left.set(advisory, (left.get(advisory) ?? 0) + 1);
  }
  return {
    after: (line) =>
      advisoriesOf(line).filter((advisory) => {
        const lines = left.get(advisory)! - 1;
        left.set(advisory, lines);
        return lines === 0;
      }),
  };
}

/** In code-unit order, so that the result does not depend on the order of claims. */
function advisoriesOf({ claims }: ShardLine): string[] {
  const advisories = new Set<string>();
  for (const claim of claims) for (const advisory of claim.advisories ?? []) advisories.add(advisory);
  return [...advisories].sort();
}

function emptyPatch(): Collected {
  return { packages: new Set(), vulnerabilities: new Set(), severity: 'unknown', items: new Set() };
}

function patchOf(advisory: string, { packages, vulnerabilities, severity }: Collected): Patch {
  return { advisory, packages: [...packages], vulnerabilities: [...vulnerabilities], severity };
}

function collect(patch: Collected, name: string, vulnerability: string, { claim, item }: Way): void {
  patch.packages.add(name);
  patch.vulnerabilities.add(vulnerability);
  patch.severity = worseSeverity(patch.severity, claim.severity ?? 'unknown');
  patch.items.add(item);
}
