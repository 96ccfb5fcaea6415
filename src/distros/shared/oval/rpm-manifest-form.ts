import type { PlatformIndex } from '../../../model/feed/index.ts';
import type { Criteria, Criterion, Test, TextObject } from '../../../oval/document/components.ts';
import { rpmLimit } from '../../../oval/document/evr.ts';
import { anythingInManifest, platformInManifest } from '../../../oval/forms/dpkg-patterns.ts';
import { type FormContext, OvalForm, once } from '../../../oval/forms/form.ts';
import { type InexactList, noteUnparsable } from '../../../oval/forms/inexact.ts';
import { coverageDefinition, inventoryDefinition } from '../../../oval/forms/release.ts';
import { type FlawRow, flawKey, type Selection, type Way } from '../../../oval/forms/rows.ts';
import { type Architectures, byArchitecture } from '../rule/architectures.ts';
import type { VersionLine } from '../rule/lines.ts';
import type { RpmBook } from './rpm-book.ts';
import {
  type BuildKind,
  linesInManifest,
  type ManifestLine,
  manifestMinorTest,
  manifestModuleTest,
} from './rpm-manifest-patterns.ts';
import { isSameSubject, type ManifestSubject, ManifestSubjects } from './rpm-manifest-subjects.ts';
import { type RpmOvalPlan, rangeText } from './rpm-patterns.ts';
import {
  flavourLimit,
  kindsOfBuilds,
  type Limit,
  type MinorRange,
  ofLine,
  outcomesByMinor,
  outcomeWithoutMinor,
  type RpmClaim,
  type RpmOutcome,
  sameOutcome,
} from './rpm-rule.ts';
import { WaysOfClaims } from './ways-of-claims.ts';

/**
 * The exact files for rpm packages: source, module, key and vendor are text in a manifest (`scapfeed inventory -o manifest`), so the
 * index's rule can be expressed as it is; rpminfo sees only binaries and their own versions.
 */
export function rpmManifestForms(context: FormContext, plan: RpmOvalPlan, book: RpmBook): OvalForm[] {
  const subjects = new ManifestSubjects(context.index);
  const forms = selectionsOf(plan).map((selection) => manifestForm(context, plan, book, subjects, selection));
  noteCauses(context.inexact, plan.causes.manifest, forms);
  return forms;
}

function manifestForm(
  context: FormContext,
  plan: RpmOvalPlan,
  book: RpmBook,
  subjects: ManifestSubjects,
  selection: Selection,
): OvalForm {
  const { index, inexact, cpe } = context;
  const { platform } = index;
  const suffix = `manifest.${selection === 'fixed' ? '' : 'unfixed.'}oval`;
  const release = {
    comment: `the manifest is of ${platform.name}`,
    object: platformInManifest(platform.id),
  };
  const anything = { comment: 'an installed package is listed', object: anythingInManifest() };
  return new OvalForm(context, {
    suffix,
    selection,
    head: [inventoryDefinition(platform, cpe, release), coverageDefinition(platform, anything)],
    ways: (line) => {
      const maker = new ManifestWays(index, plan, book, selection);
      const known = new WaysOfClaims<ManifestSubject, { ways: Way[]; mixed: boolean }>(isSameSubject);
      return (row) => {
        if (!isComparable(row)) {
          noteUnparsable(inexact, suffix, row.vulnerability, line.package);
          return [];
        }
        const { ways, mixed } = known.of(row.claims, subjects.of(line.package, row), (of) => maker.of(of));
        if (mixed) {
          inexact.item(
            'two_versions',
            twoVersions,
            suffix,
            flawKey(selection, row.vulnerability, line.package),
          );
        }
        return ways;
      };
    },
    installed: ({ package: name }) => {
      const line = { arch: undefined, build: { kind: 'any' }, capture: undefined } as const;
      const lines = (fields: Pick<ManifestLine, 'name' | 'source'>): TextObject =>
        linesInManifest(plan.vendor, platform.os.version!, { ...line, ...fields });
      const any = { not: [] };
      const of: Criterion[] = [
        { test: { comment: `${name} is installed`, object: lines({ name: { is: name }, source: any }) } },
        {
          test: {
            comment: `a binary of ${name} is installed`,
            object: lines({ name: any, source: { is: name } }),
          },
        },
      ];
      return { operator: 'OR', of };
    },
  });
}

function isComparable({ claims }: FlawRow): boolean {
  return claims.every(({ fixed }) => fixed === undefined || rpmLimit(fixed) !== undefined);
}

const twoVersions =
  "A fix of the build's own stream is told of its source and the other of the binary: one test compares one of them.";

/** The ways of one line's rows; equal tests and criteria are made once. */
class ManifestWays {
  readonly #platform: string;
  readonly #plan: RpmOvalPlan;
  readonly #major: string;
  readonly #book: RpmBook;
  readonly #selection: Selection;
  readonly #objects = new Map<string, TextObject>();
  readonly #criteria = new Map<string, Criterion>();
  readonly #conditional = new Map<string, Criteria>();
  #ways: Way[] = [];
  #mixed = false;

  constructor(index: PlatformIndex, plan: RpmOvalPlan, book: RpmBook, selection: Selection) {
    this.#platform = index.platform.id;
    this.#plan = plan;
    this.#major = index.platform.os.version!;
    this.#book = book;
    this.#selection = selection;
  }

  of(subjects: readonly ManifestSubject[]): { ways: Way[]; mixed: boolean } {
    this.#ways = [];
    this.#mixed = false;
    for (const subject of subjects) {
      if (this.#plan.vendor.lines) {
        this.#byLine(subject);
        continue;
      }
      const spoken = new Set(subject.rows.flatMap(({ claim }) => claim.module ?? []));
      for (const { module, rows: ofKind } of kindsOfBuilds(subject.rows, this.#plan.vendor)) {
        for (const { arch, rows } of byArchitecture(ofKind)) {
          if (module === undefined) this.#byBuild(subject, arch, rows, { kind: 'plain' });
          else this.#modular(subject, arch, rows, module, spoken);
        }
      }
    }
    return { ways: this.#ways, mixed: this.#mixed };
  }

  #byLine(subject: ManifestSubject): void {
    const lines = 'is' in subject.name ? this.#book.linesOf(subject.name.is) : [];
    for (const line of lines.length === 0 ? [undefined] : lines)
      for (const { arch, rows } of byArchitecture(ofLine(subject.rows, line)))
        this.#byBuild(subject, arch, rows, { kind: 'plain', ...(line && { line }) });
  }

  #modular(
    subject: ManifestSubject,
    arch: Architectures | undefined,
    rows: readonly RpmClaim[],
    module: string,
    spoken: ReadonlySet<string>,
  ): void {
    this.#byBuild(subject, arch, rows, { kind: 'labelled', module });
    const of = this.#book.builds(module, spoken);
    if (of.length > 0) this.#byImage(subject, arch, rows, { kind: 'unlabelled', builds: { of } });
    const otherThan = this.#book.buildsOfName(module);
    const unknown: BuildKind = { kind: 'unlabelled', builds: { otherThan } };
    this.#byImage(subject, arch, rows, unknown, manifestModuleTest(module));
  }

  /** Builds that may have a minor of their own; otherwise the image's is used. */
  #byBuild(
    subject: ManifestSubject,
    arch: Architectures | undefined,
    rows: readonly RpmClaim[],
    build: { kind: 'plain'; line?: VersionLine } | { kind: 'labelled'; module: string },
  ): void {
    const own = outcomesByMinor(rows, true);
    const whole = this.#imageOutcome(rows);
    if (whole && own.length === 1 && sameOutcome(own[0]!.outcome, whole.outcome)) {
      this.#add(subject, arch, build, whole.outcome, []);
      return;
    }
    for (const range of own) this.#add(subject, arch, { ...build, minor: minorOf(range) }, range.outcome, []);
    this.#byImage(subject, arch, rows, { ...build, minor: 'none' });
  }

  /** Builds without a minor, by that of the image, if it has one. */
  #byImage(
    subject: ManifestSubject,
    arch: Architectures | undefined,
    rows: readonly RpmClaim[],
    build: BuildKind,
    condition?: Test,
  ): void {
    const conditions = condition ? [condition] : [];
    const whole = this.#imageOutcome(rows);
    if (whole) {
      this.#add(subject, arch, build, whole.outcome, conditions);
      return;
    }
    for (const range of outcomesByMinor(rows, false)) {
      const minor = manifestMinorTest(this.#platform, this.#major, minorOf(range));
      this.#add(subject, arch, build, range.outcome, [...conditions, minor]);
    }
    const none = manifestMinorTest(this.#platform, this.#major, 'none');
    this.#add(subject, arch, build, outcomeWithoutMinor(rows), [...conditions, none]);
  }

  /** The outcome for any minor of the image; undefined: it depends on the minor. */
  #imageOutcome(rows: readonly RpmClaim[]): { outcome: RpmOutcome | undefined } | undefined {
    const [first, ...more] = outcomesByMinor(rows, false);
    const outcome = first!.outcome;
    return more.length === 0 && sameOutcome(outcome, outcomeWithoutMinor(rows)) ? { outcome } : undefined;
  }

  #add(
    subject: ManifestSubject,
    arch: Architectures | undefined,
    build: BuildKind,
    outcome: RpmOutcome | undefined,
    conditions: readonly Test[],
  ): void {
    if (outcome?.selection !== this.#selection) return;
    if (outcome.mixed) this.#mixed = true;
    const item = this.#item(
      subject,
      arch,
      { ...build, ...flavourLimit(outcome, this.#plan.vendor) },
      outcome.limit,
      conditions,
    );
    this.#ways.push({ claim: outcome.claim, item });
  }

  #item(
    { what, name, source }: ManifestSubject,
    arch: Architectures | undefined,
    { flavour, ...build }: BuildKind & ReturnType<typeof flavourLimit>,
    limit: Limit | undefined,
    conditions: readonly Test[],
  ): Criteria | Criterion {
    const made = linesInManifest(this.#plan.vendor, this.#major, {
      name,
      source,
      arch,
      build,
      flavour,
      capture: limit?.field,
    });
    const object = once(this.#objects, made.pattern, () => made);
    const below = limit && rpmLimit(limit.below);
    const key = `${made.pattern} ${below}`;
    const criterion = once(this.#criteria, key, () => {
      const which = `${what}${buildText(this.#major, build)}`;
      if (below === undefined) return { test: { comment: `${which} is installed`, object } };
      const version = limit!.field === 'own' ? which : `the source of ${which}`;
      const state = { kind: 'text', capture: { type: 'evr_string', below } } as const;
      return { test: { comment: `${version} is earlier than ${below}`, object, state } };
    });
    if (conditions.length === 0) return criterion;
    const whole = [...conditions.map(({ comment }) => comment), key].join(' ');
    return once(this.#conditional, whole, () => ({
      operator: 'AND',
      of: [...conditions.map((test) => ({ test })), criterion],
    }));
  }
}

function minorOf({ from, to }: MinorRange): MinorRange {
  return { from, to };
}

function buildText(major: string, build: BuildKind): string {
  if (build.kind === 'any') return '';
  if (build.kind === 'unlabelled') return ' of a module build without label';
  const line = build.kind === 'plain' ? build.line : undefined;
  const module =
    build.kind === 'labelled' ? ` of ${build.module}` : line ? ` of ${line.versions.join(', ')}` : '';
  if (build.minor === undefined) return module;
  return `${module} ${build.minor === 'none' ? 'without minor' : `of ${major}.${rangeText(build.minor)}`}`;
}

export function selectionsOf({ fixesOnly }: RpmOvalPlan): readonly Selection[] {
  return fixesOnly ? ['fixed'] : ['fixed', 'unfixed'];
}

export function noteCauses(
  inexact: InexactList,
  causes: readonly (readonly [cause: string, what: string])[],
  forms: readonly OvalForm[],
): void {
  const files = forms.map(({ suffix }) => suffix);
  for (const [cause, what] of causes) inexact.general(cause, what, files);
}
