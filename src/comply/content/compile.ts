import { createHash } from 'node:crypto';
import { scriptSystem } from '../../model/compliance/index.ts';
import { type OvalDocument, ovalSectionNames } from '../oval/model.ts';
import { wantedFiles } from '../probes/wanted.ts';
import { applyProfile } from '../xccdf/apply-profile.ts';
import { findProfile } from '../xccdf/find-profile.ts';
import { flattenProfile } from '../xccdf/flatten-profile.ts';
import type { Benchmark, BenchmarkItem, Check, ComplexCheck, Profile, Prose } from '../xccdf/model.ts';
import { ovalSystem } from '../xccdf/model.ts';
import { allItems } from '../xccdf/read-benchmark.ts';
import { type CompiledHead, compiledFormat, elementKey, proseKey } from './compiled.ts';
import { writeKeyedLines } from './keyed-lines.ts';
import { pruneDocuments, pruneItems } from './prune.ts';
import type { ScapContent } from './scap-content.ts';

interface CompileOptions {
  /** Name and bytes of the document that the content was read from. */
  source: { name: string; bytes: Uint8Array };
  tool: string;
  /** Profiles to keep, by id or its end; all by default. With a choice, rules of no chosen profile are left out. */
  profiles?: readonly string[];
}

/** A compiled benchmark as text; the same input gives the same bytes. */
export function compileContent(content: ScapContent, options: CompileOptions): string {
  const benchmark = chosenBenchmark(content.benchmark, options.profiles);
  const documents = pruneDocuments(benchmark, content.documents);
  const lines = writeKeyedLines(entriesOf(benchmark, [...documents.values()]));
  const head: CompiledHead = {
    format: compiledFormat,
    kind: 'scapfeed-benchmark',
    tool: options.tool,
    source: {
      name: options.source.name,
      sha256: createHash('sha256').update(options.source.bytes).digest('hex'),
    },
    ...(content.stream ? { stream: content.stream } : {}),
    benchmark: { ...benchmark, items: titlesOnly(benchmark.items) },
    documents: [...documents].map(([href, { schemaVersion }]) => ({ href, schemaVersion })),
    missing: Object.fromEntries([...content.missing].sort(([a], [b]) => (a < b ? -1 : 1))),
    wanted: wantedFiles(documents.values(), externalChoices(benchmark)),
    rest: Buffer.byteLength(lines),
  };
  return `${JSON.stringify(head)}\n${lines}`;
}

function* entriesOf(benchmark: Benchmark, documents: readonly OvalDocument[]): Generator<[string, unknown]> {
  for (const { id, prose } of allItems(benchmark.items)) yield [proseKey(id), prose];
  for (const [at, document] of documents.entries()) {
    for (const section of ovalSectionNames) {
      for (const [id, element] of Object.entries(document[section]))
        yield [elementKey(at, section, id), element];
    }
  }
}

function chosenBenchmark(benchmark: Benchmark, names: readonly string[] | undefined): Benchmark {
  const chosen = names ? names.map((name) => findProfile(name, benchmark.profiles)) : benchmark.profiles;
  const profiles = chosen.map((profile) => flattenProfile(benchmark, profile));
  if (!names) return { ...benchmark, profiles };
  const selected = new Set(chosen.flatMap((profile) => [...applyProfile(benchmark, profile).selected]));
  const items = pruneItems(benchmark.items, (rule) => selected.has(rule));
  return { ...benchmark, profiles: profiles.map((profile) => knownChanges(profile, items)), items };
}

/** A profile without changes of items that are left out. */
function knownChanges(profile: Profile, items: readonly BenchmarkItem[]): Profile {
  const known = new Set([...allItems(items)].map(({ id }) => id));
  const changes = profile.changes.filter(
    ({ kind, id }) => kind === 'set-value' || kind === 'refine-value' || known.has(id),
  );
  return { ...profile, changes };
}

/** Items reduced to what an evaluation needs: prose has its own lines; of checks that are never run, it names scripts alone. */
function titlesOnly(items: readonly BenchmarkItem[]): BenchmarkItem[] {
  return items.map((item) => {
    const prose: Prose = item.prose.title === undefined ? {} : { title: item.prose.title };
    if (item.kind === 'group') return { ...item, prose, children: titlesOnly(item.children) };
    return { ...item, prose, checks: item.checks.filter(isNamed) };
  });
}

function isNamed({ system }: { system: string }): boolean {
  return system === ovalSystem || system === scriptSystem;
}

/** All values that any profile or tailoring can give to each external variable. */
function externalChoices(benchmark: Benchmark): Map<string, string[]> {
  const options = new Map(benchmark.values.map(({ id, options: all }) => [id, Object.values(all).flat()]));
  const choices = new Map<string, string[]>();
  const visit = (check: Check | ComplexCheck): void => {
    if ('checks' in check) for (const each of check.checks) visit(each);
    else for (const { value, name } of check.exports ?? []) choices.set(name, options.get(value) ?? []);
  };
  for (const item of allItems(benchmark.items)) {
    if (item.kind !== 'rule') continue;
    for (const check of item.checks) visit(check);
    if (item.complexCheck) visit(item.complexCheck);
  }
  return choices;
}
