import type { Criteria, Criterion, RpmObject, RpmState, Test } from '../../../oval/document/components.ts';
import { rpmLimit } from '../../../oval/document/evr.ts';
import { once } from '../../../oval/forms/form.ts';
import type { Selection, Way } from '../../../oval/forms/rows.ts';
import { type Architectures, byArchitecture } from '../rule/architectures.ts';
import { linePattern, type VersionLine } from '../rule/lines.ts';
import type { RpmBook } from './rpm-book.ts';
import {
  archPattern,
  imageMinorTest,
  keyPattern,
  moduleEnabledTest,
  type ReleaseKind,
  type RpmOvalPlan,
  rangeText,
  releasePattern,
} from './rpm-patterns.ts';
import {
  flavourLimit,
  kindsOfBuilds,
  ofLine,
  outcomesByMinor,
  type RangeOutcome,
  type RpmClaim,
  type RpmOutcome,
  sameOutcome,
} from './rpm-rule.ts';

/** Some installed packages, and all rows that apply to them. */
export interface RpmGroup {
  /** For comments: `a binary of perl`. */
  what: string;
  object: RpmObject;
  rows: readonly RpmClaim[];
}

/** Tests of one line by content, so that definitions share them. */
export type SharedItems = Map<string, Criteria | Criterion>;

/** All conditions under which a group is true in one of the two files: by module, architecture and range of minors. */
export function rpmWays(
  group: RpmGroup,
  selection: Selection,
  plan: RpmOvalPlan,
  major: string,
  book: RpmBook,
  items: SharedItems,
): Way[] {
  const ways: Way[] = [];
  if (plan.vendor.lines) {
    const lines = book.linesOf(group.what);
    for (const line of lines.length === 0 ? [undefined] : lines)
      for (const { arch, rows } of byArchitecture(ofLine(group.rows, line)))
        ways.push(...new WayMaker(group, arch, selection, plan, major, items, line).plain(rows));
    return ways;
  }
  for (const { module, rows: ofKind } of kindsOfBuilds(group.rows, plan.vendor)) {
    for (const { arch, rows } of byArchitecture(ofKind)) {
      const maker = new WayMaker(group, arch, selection, plan, major, items);
      ways.push(...(module === undefined ? maker.plain(rows) : maker.modular(rows, module, book)));
    }
  }
  return ways;
}

class WayMaker {
  readonly #group: RpmGroup;
  readonly #arch: Architectures | undefined;
  readonly #selection: Selection;
  readonly #plan: RpmOvalPlan;
  readonly #major: string;
  readonly #items: SharedItems;
  readonly #line: VersionLine | undefined;

  constructor(
    group: RpmGroup,
    arch: Architectures | undefined,
    selection: Selection,
    plan: RpmOvalPlan,
    major: string,
    items: SharedItems,
    line?: VersionLine,
  ) {
    this.#group = group;
    this.#arch = arch;
    this.#selection = selection;
    this.#plan = plan;
    this.#major = major;
    this.#items = items;
    this.#line = line;
  }

  /** Builds outside modules: by the minor in their release, otherwise by the image's. */
  plain(rows: readonly RpmClaim[]): Way[] {
    const own = outcomesByMinor(rows, true);
    const image = outcomesByMinor(rows, false);
    const [only] = own;
    if (only && own.length === 1 && image.length === 1 && sameOutcome(only.outcome, image[0]!.outcome)) {
      return this.#ways([only], (outcome) => this.#criterion(outcome, { major: this.#major }, ''));
    }
    const byOwn = this.#ways(own, (outcome, range) => {
      const kind: ReleaseKind = { major: this.#major, minor: range };
      return this.#criterion(outcome, kind, ` of ${this.#major}.${rangeText(range)}`);
    });
    const byImage = this.#ways(image, (outcome, range) => {
      const criterion = this.#criterion(outcome, { major: this.#major, minor: 'none' }, ' without minor');
      if (image.length === 1) return criterion;
      return this.#and(imageMinorTest(this.#plan, this.#major, range), criterion);
    });
    return [...byOwn, ...byImage];
  }

  /** Builds of a module's stream, by their build number; an unknown number by the modules that dnf has enabled. */
  modular(rows: readonly RpmClaim[], module: string, book: RpmBook): Way[] {
    const own = outcomesByMinor(rows, true);
    const spoken = new Set(this.#group.rows.flatMap(({ claim }) => claim.module ?? []));
    const [of, otherThan] = [book.builds(module, spoken), book.buildsOfName(module)];
    const minorOf = (range: RangeOutcome) => (own.length === 1 ? {} : { minor: range });
    const known =
      of.length === 0
        ? []
        : this.#ways(own, (outcome, range) =>
            this.#criterion(
              outcome,
              { major: this.#major, builds: { of }, ...minorOf(range) },
              ` of ${module}`,
            ),
          );
    const unknown = this.#ways(own, (outcome, range) => {
      const kind = { major: this.#major, builds: { otherThan }, ...minorOf(range) };
      return this.#and(
        moduleEnabledTest(module),
        this.#criterion(outcome, kind, ' of an unknown module build'),
      );
    });
    return [...known, ...unknown];
  }

  #ways(
    ranges: readonly RangeOutcome[],
    make: (outcome: RpmOutcome, range: RangeOutcome) => Criteria | Criterion,
  ): Way[] {
    const ways: Way[] = [];
    for (const range of ranges) {
      const { outcome } = range;
      if (outcome?.selection !== this.#selection) continue;
      ways.push({ claim: outcome.claim, item: make(outcome, range) });
    }
    return ways;
  }

  #criterion(outcome: RpmOutcome, kind: ReleaseKind, build: string): Criterion {
    const { limit } = outcome;
    const below = limit && rpmLimit(limit.below);
    const state: RpmState = {
      kind: 'rpm',
      ...(this.#arch === undefined ? {} : { archPattern: archPattern(this.#arch) }),
      releasePattern: releasePattern({ ...kind, ...flavourLimit(outcome, this.#plan.vendor) }),
      ...(this.#line ? { versionPattern: `^${linePattern(this.#line)}(?:[.]|$)` } : {}),
      ...(below === undefined ? {} : { evr: { type: 'evr_string', below } }),
      keyPattern: keyPattern(this.#plan.vendor),
    };
    const { what, object } = this.#group;
    const line = this.#line ? ` of ${this.#line.versions.join(', ')}` : '';
    const comment = `${what}${line}${build} ${below === undefined ? 'is installed' : `is earlier than ${below}`}`;
    const key = JSON.stringify([object.name, state]);
    return once(this.#items, key, () => ({ test: { comment, object, state } })) as Criterion;
  }

  #and(first: Test, second: Criterion): Criteria {
    const key = JSON.stringify([first.comment, second.test.comment, second.test.state, second.test.object]);
    return once(this.#items, key, () => ({ operator: 'AND', of: [{ test: first }, second] })) as Criteria;
  }
}
