import type { ElementCheck, ElementStart, ProblemList } from './problem.ts';

const idOf: Record<string, string> = {
  Benchmark: 'benchmark',
  Profile: 'profile',
  Group: 'group',
  Rule: 'rule',
  Value: 'value',
  TestResult: 'testresult',
  Tailoring: 'tailoring',
};

interface StreamItem {
  name: string;
  line: number;
  selected: boolean;
  /** The group of a Rule or group. */
  parent: string | undefined;
}

interface Profile {
  line: number;
  extends: string | undefined;
  selects: Map<string, boolean>;
}

/** A reference from an XCCDF check into the checks of a data stream. */
export interface CheckReference {
  href: string;
  name: string | undefined;
  line: number;
  rule: string;
}

/** Checks XCCDF 1.2 benchmarks and tailorings: ids, references, and what profiles select. */
export class XccdfCheck implements ElementCheck {
  generator = '';
  readonly checkReferences: CheckReference[] = [];
  readonly #problems: ProblemList;
  readonly #items = new Map<string, StreamItem>();
  readonly #clusters = new Set<string>();
  readonly #profiles = new Map<string, Profile>();
  readonly #references: { id: string; line: number; names: readonly string[] }[] = [];
  #tailoring = false;
  #scope: string[] = [];
  #profile: Profile | undefined;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  begin(element: ElementStart): void {
    const { name, attributes, line } = element;
    if (name === 'Tailoring') this.#tailoring = true;
    if (idOf[name] !== undefined) this.#beginItem(element);
    const refer = (id: string | undefined, ...names: string[]) => {
      if (id !== undefined && !this.#tailoring) this.#references.push({ id, line, names });
    };
    if (name === 'select') this.#select(element);
    else if (name === 'refine-value' || name === 'set-value') refer(attributes['idref'], 'Value');
    else if (name === 'refine-rule') refer(attributes['idref'], 'Rule', 'Group');
    else if (name === 'check-export') refer(attributes['value-id'], 'Value');
    else if (name === 'check-content-ref') this.#checkReference(element);
  }

  end({ name }: ElementStart, text: string): void {
    if (idOf[name] !== undefined) this.#scope.pop();
    if (name === 'Profile') this.#profile = undefined;
    if (name === 'creator' || name === 'publisher') this.generator ||= text.trim();
  }

  finish(): void {
    for (const { id, line, names } of this.#references) this.#resolve(id, line, names);
    this.#checkProfiles();
  }

  #beginItem({ name, attributes, line }: ElementStart): void {
    const id = attributes['id'] ?? '';
    if (!new RegExp(`^xccdf_[^_]+_${idOf[name]}_.+$`).test(id)) {
      this.#problems.error('id-syntax', line, `<${name}> has the id "${id}"`, id);
    }
    const before = this.#items.get(id);
    if (before) this.#problems.error('id-duplicate', line, `also on line ${before.line}`, id);
    else
      this.#items.set(id, {
        name,
        line,
        selected: attributes['selected'] !== 'false',
        parent: this.#scope.at(-1),
      });
    this.#scope.push(id);
    const cluster = attributes['cluster-id'];
    if (cluster !== undefined) this.#clusters.add(cluster);
    if (name !== 'Profile') return;
    this.#profile = { line, extends: attributes['extends'], selects: new Map() };
    this.#profiles.set(id, this.#profile);
  }

  #select({ attributes, line }: ElementStart): void {
    const id = attributes['idref'] ?? '';
    this.#profile?.selects.set(id, attributes['selected'] !== 'false');
    if (!this.#tailoring) this.#references.push({ id, line, names: ['Rule', 'Group'] });
  }

  #checkReference({ attributes, line }: ElementStart): void {
    const rule = this.#scope.at(-1) ?? '';
    this.checkReferences.push({ href: attributes['href'] ?? '', name: attributes['name'], line, rule });
  }

  #resolve(id: string, line: number, names: readonly string[]): void {
    const item = this.#items.get(id);
    if (item ? names.includes(item.name) : names.includes('Rule') && this.#clusters.has(id)) return;
    if (item)
      this.#problems.error(
        'reference-kind',
        line,
        `${id} is a ${item.name}, expected a ${names.join(' or ')}`,
        id,
      );
    else this.#problems.error('reference-unresolved', line, `there is no ${names.join(' or ')} ${id}`, id);
  }

  #checkProfiles(): void {
    const selectedSomewhere = new Set<string>();
    for (const [id, profile] of this.#profiles) {
      const selects = this.#effective(id, profile, new Set());
      const rules = [...this.#items].filter(
        ([item, { name }]) => name === 'Rule' && this.#runs(item, selects),
      );
      for (const [rule] of rules) selectedSomewhere.add(rule);
      if (!this.#tailoring && rules.length === 0)
        this.#problems.error('profile-empty', profile.line, 'no rule is selected', id);
      this.#checkCoverage(id, profile.line, new Set(rules.map(([rule]) => rule)));
    }
    if (this.#profiles.size === 0 || this.#tailoring) return;
    for (const [id, { name, line, selected }] of this.#items) {
      if (name === 'Rule' && !selected && !selectedSomewhere.has(id)) {
        this.#problems.warning('not-selected', line, 'no profile selects this rule', id);
      }
    }
  }

  /** Selections of a profile, after those of the profiles that it extends. */
  #effective(id: string, profile: Profile, path: Set<string>): Map<string, boolean> {
    if (path.has(id)) {
      this.#problems.error('cycle', profile.line, 'the profile extends itself', id);
      return new Map();
    }
    path.add(id);
    const base = profile.extends === undefined ? undefined : this.#profiles.get(profile.extends);
    if (profile.extends !== undefined && !base && !this.#tailoring) {
      this.#problems.error(
        'reference-unresolved',
        profile.line,
        `there is no Profile ${profile.extends}`,
        id,
      );
    }
    const inherited = base ? this.#effective(profile.extends!, base, path) : new Map<string, boolean>();
    return new Map([...inherited, ...profile.selects]);
  }

  /** A rule runs if it and every group around it are selected. */
  #runs(id: string, selects: ReadonlyMap<string, boolean>): boolean {
    for (let at: string | undefined = id; at !== undefined; at = this.#items.get(at)?.parent) {
      const item = this.#items.get(at);
      if (item && (item.name === 'Rule' || item.name === 'Group') && !(selects.get(at) ?? item.selected))
        return false;
    }
    return true;
  }

  #checkCoverage(profile: string, line: number, rules: ReadonlySet<string>): void {
    for (const [id, { name }] of this.#items) {
      if (name === 'Rule' && /_rule_coverage$/.test(id) && !rules.has(id)) {
        this.#problems.error('coverage', line, `${id} is not selected`, profile);
      }
    }
  }
}
