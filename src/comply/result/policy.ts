import type {
  Policy,
  PolicyCheck,
  PolicyItem,
  PolicyProfile,
  PolicyValue,
} from '../../model/compliance/index.ts';
import type { LoadedContent } from '../content/load.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import type { OvalCriteria, OvalObject } from '../oval/model.ts';
import { applyProfile, extendsChain, ownSelections } from '../xccdf/apply-profile.ts';
import { profilesOf } from '../xccdf/find-profile.ts';
import {
  type BenchmarkItem,
  type Check,
  type ComplexCheck,
  ovalSystem,
  type Profile,
  type Rule,
} from '../xccdf/model.ts';
import { allItems } from '../xccdf/read-benchmark.ts';
import { subMark } from '../xccdf/rich-text.ts';

/** The policy that a benchmark is, with every profile. */
export function policyOf(content: LoadedContent): Policy {
  const { benchmark, source } = content;
  const items = [...allItems(benchmark.items)];
  const positions = new Map(items.map(({ id }, at) => [id, at]));
  const parents = parentsOf(benchmark.items, positions);
  const valuesAt = new Map(benchmark.values.map(({ id }, at) => [id, at]));
  const { id, version, title, date, platforms } = benchmark;
  const profiles = profilesOf(benchmark, content.tailorings);
  const usable = profiles.filter(({ abstract }) => !abstract);
  return {
    content: source,
    benchmark: { id, version, title, platforms, ...(date === undefined ? {} : { date }) },
    items: items.map((item) => itemOf(item, content, positions, parents.get(item.id), valuesAt)),
    values: benchmark.values.map(policyValue),
    profiles: [undefined, ...usable].map((profile) => profileOf(profile, content, items, profiles)),
  };
}

function parentsOf(
  items: readonly BenchmarkItem[],
  positions: ReadonlyMap<string, number>,
  parent?: number,
  parents = new Map<string, number>(),
): Map<string, number> {
  for (const item of items) {
    if (parent !== undefined) parents.set(item.id, parent);
    if (item.kind === 'group') parentsOf(item.children, positions, positions.get(item.id), parents);
  }
  return parents;
}

function itemOf(
  item: BenchmarkItem,
  content: LoadedContent,
  positions: ReadonlyMap<string, number>,
  parent: number | undefined,
  valuesAt: ReadonlyMap<string, number>,
): PolicyItem {
  const {
    title = item.id,
    description,
    rationale,
    warnings = [],
    references = [],
    fixes = [],
  } = content.prose(item.id);
  const known = (ids: readonly string[]) => ids.flatMap((id) => positions.get(id) ?? []);
  const checks = item.kind === 'rule' ? checksOf(item) : [];
  const texts = [description ?? '', ...fixes.map(({ text }) => text)];
  const used = [
    ...checks.flatMap((check) => (check.exports ?? []).map(({ value }) => value)),
    ...texts.flatMap(marks),
  ];
  return {
    kind: item.kind,
    id: item.id,
    title,
    ...(parent === undefined ? {} : { parent }),
    ...(item.requires ? { requires: item.requires.map(known) } : {}),
    ...(item.conflicts ? { conflicts: known(item.conflicts) } : {}),
    ...(description === undefined ? {} : { description }),
    ...(rationale === undefined ? {} : { rationale }),
    warnings,
    references: references.map(({ href, text }) => (href === undefined ? { text } : { href, text })),
    fixes: fixes.flatMap(({ system = '', text }) =>
      text.trim() === ''
        ? []
        : { kind: system.slice(system.lastIndexOf(':') + 1) || 'script', text: text.trim() },
    ),
    checks: checks.flatMap((check) => testsOf(check, content)),
    values: [...new Set(used.flatMap((id) => valuesAt.get(id) ?? []))],
  };
}

const mark = new RegExp(`${subMark}([^${subMark}]*)${subMark}`, 'g');

function marks(text: string): string[] {
  return [...text.matchAll(mark)].map(([, id = '']) => id);
}

function checksOf({ checks, complexCheck }: Rule): Check[] {
  const flat = (check: Check | ComplexCheck): Check[] =>
    'checks' in check ? check.checks.flatMap(flat) : [check];
  return [...checks, ...(complexCheck ? flat(complexCheck) : [])].filter(
    ({ system }) => system === ovalSystem,
  );
}

/** Limit on the tests that are listed of one rule. */
const mostTests = 40;

function testsOf({ contents }: Check, { documents }: LoadedContent): PolicyCheck[] {
  return contents.flatMap(({ href, name }) => {
    const document = documents.get(href);
    if (!document || name === undefined) return [];
    const tests = new Map<string, PolicyCheck>();
    collectTests(document, name, tests, new Set());
    return [...tests.values()];
  });
}

function collectTests(
  document: OvalLookup,
  definition: string,
  tests: Map<string, PolicyCheck>,
  seen: Set<string>,
): void {
  const pending = [definition];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const criteria: (OvalCriteria | undefined)[] = [document.definition(id)?.criteria];
    for (let each = criteria.pop(); each; each = criteria.pop()) {
      for (const { criteria: inner, test, extend } of each.children) {
        if (inner) criteria.push(inner);
        if (extend !== undefined) pending.push(extend);
        if (test === undefined || tests.has(test) || tests.size >= mostTests) continue;
        const found = testOf(document, test);
        if (found) tests.set(test, found);
      }
    }
  }
}

function testOf(document: OvalLookup, id: string): PolicyCheck | undefined {
  const test = document.test(id);
  if (!test) return undefined;
  const type = test.type.slice(test.type.indexOf('/') + 1);
  const object = test.object === undefined ? undefined : document.object(test.object);
  const subject = object && subjectOf(object);
  return { type, comment: test.comment ?? type, ...(subject === undefined ? {} : { subject }) };
}

/** The subject of an object, if the document fixes it. */
function subjectOf({ entities }: OvalObject): string | undefined {
  const text = (name: string) => entities.find((entity) => entity.name === name)?.value;
  const [path, filename] = [text('path'), text('filename')];
  if (path !== undefined) return filename === undefined ? path : `${path.replace(/\/$/, '')}/${filename}`;
  return text('filepath') ?? text('name') ?? text('mount_point') ?? text('unit');
}

function policyValue({ id, title, options }: LoadedContent['benchmark']['values'][number]): PolicyValue {
  const texts = Object.values(options).filter((option) => typeof option === 'string');
  return { id, title: title ?? id, options: [...new Set(texts)] };
}

function profileOf(
  profile: Profile | undefined,
  { benchmark }: LoadedContent,
  items: readonly BenchmarkItem[],
  profiles: readonly Profile[],
): PolicyProfile {
  const applied = applyProfile(benchmark, profile, profiles);
  const chain = profile ? extendsChain(profile, profiles, benchmark.profiles) : [];
  const own = ownSelections(
    items,
    chain.flatMap(({ changes }) => changes),
  );
  const where = (holds: (item: BenchmarkItem) => boolean) =>
    items.flatMap((item, at) => (holds(item) ? at : []));
  return {
    ...(profile ? { id: profile.id } : {}),
    title: profile?.title ?? 'No profile: the benchmark’s own selection',
    ...(profile?.description === undefined ? {} : { description: profile.description }),
    own: where(({ id }) => own.get(id) === true),
    rules: where(({ kind, id }) => kind === 'rule' && applied.selected.has(id)),
    idle: where(({ kind, id }) => kind === 'rule' && applied.idle.has(id)),
    values: benchmark.values.map(({ id }) => {
      const chosen = applied.values.get(id);
      return chosen?.length === 1 ? (chosen[0] ?? null) : null;
    }),
    severities: items.map((item) => (item.kind === 'rule' ? applied.refine(item).severity : '')),
  };
}
