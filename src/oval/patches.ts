import type { PlatformIndex, ShardLine } from '../model/index.ts';
import type { Definition, Extend } from './components.ts';
import { describePatch, describeUpdate, type Patch, worseSeverity } from './describe.ts';
import type { Way } from './form.ts';
import { inRelease } from './release.ts';

interface Collected extends Patch {
  packages: string[];
  vulnerabilities: string[];
  items: Way['item'][];
}

/**
 * Gathers, while lines pass, what each advisory's update would make false, and what updates without advisory would.
 * An advisory's definition is made after the last line that names it, so that few are held at a time.
 */
export class PatchCollector {
  readonly #index: PlatformIndex;
  readonly #patches = new Map<string, Collected>();
  /** Lines that are still to come, by advisory. */
  readonly #linesLeft: Map<string, number>;
  #update: Collected | undefined;

  constructor(index: PlatformIndex) {
    this.#index = index;
    this.#linesLeft = countLines(index);
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

  /** After a line: its fixes without advisory, and every advisory that no later line names; true where not installed. */
  *afterLine(line: ShardLine, release: Extend): Generator<Definition> {
    if (this.#update) {
      const { items } = this.#update;
      yield {
        ...describeUpdate(this.#index, line.package, this.#update),
        criteria: inRelease(release, items),
      };
      this.#update = undefined;
    }
    for (const advisory of advisoriesOf(line)) {
      const left = this.#linesLeft.get(advisory)! - 1;
      this.#linesLeft.set(advisory, left);
      const patch = this.#patches.get(advisory);
      if (left > 0 || !patch) continue;
      this.#patches.delete(advisory);
      yield { ...describePatch(this.#index, patch), criteria: inRelease(release, patch.items) };
    }
  }
}

function countLines({ lines }: PlatformIndex): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    for (const advisory of advisoriesOf(line)) counts.set(advisory, (counts.get(advisory) ?? 0) + 1);
  }
  return counts;
}

/** In code-unit order, so that the order of claims leaves no trace. */
function advisoriesOf({ claims }: ShardLine): string[] {
  const advisories = new Set<string>();
  for (const claim of claims) for (const advisory of claim.advisories ?? []) advisories.add(advisory);
  return [...advisories].sort();
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
