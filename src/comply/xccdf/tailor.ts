import { existsSync } from 'node:fs';
import { readContentPart } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/error.ts';
import { applyProfile } from './apply-profile.ts';
import { findProfile, profilesOf, shortId } from './find-profile.ts';
import type { Benchmark, Profile, ProfileChange, RuleSeverity, Tailoring } from './model.ts';
import { allItems } from './read-benchmark.ts';
import { readTailoring } from './read-profiles.ts';

/** Changes that a user asks for; rules and values by id or its last part. */
export interface TailoringRequest {
  /** The profile to change; absent: the benchmark's own selection. */
  profile?: string;
  select: readonly string[];
  unselect: readonly string[];
  /** `VALUE=text` */
  set: readonly string[];
  /** `RULE=severity` */
  severity: readonly string[];
}

/** Input of tailoring: a benchmark, and the tailorings that its data stream carries. */
interface Tailorable {
  benchmark: Benchmark;
  tailorings: readonly Tailoring[];
}

const severityWords: readonly string[] = ['unknown', 'info', 'low', 'medium', 'high'];

/** The tailored profile of a file, or a new one, with the changes added; a later change of an id replaces the earlier. */
export function tailorProfile(
  content: Tailorable,
  file: string | undefined,
  request: TailoringRequest,
): Profile {
  const base = file !== undefined && existsSync(file) ? existing(file) : fresh(content, request.profile);
  const changes = [...base.changes];
  for (const change of requested(content, request)) {
    const at = changes.findIndex(({ kind, id }) => kind === change.kind && id === change.id);
    if (at === -1) changes.push(change);
    else changes[at] = change;
  }
  return { ...base, changes };
}

/** Rules and groups that a profile selects and that do not run: short ids. */
export function idleRules({ benchmark, tailorings }: Tailorable, profile: Profile): string[] {
  const { idle } = applyProfile(benchmark, profile, [profile, ...profilesOf(benchmark, tailorings)]);
  return [...idle].map(shortId);
}

/** A rule of a benchmark and its settings in a profile. */
export interface ListedRule {
  /** Without the prefix that all rules share. */
  id: string;
  title: string;
  severity: string;
  selected: boolean;
}

/** Rules of a profile for `--list`. */
export function listRules(content: Tailorable, profile: string | undefined): ListedRule[] {
  const profiles = profilesOf(content.benchmark, content.tailorings);
  const applied = applyProfile(
    content.benchmark,
    profile === undefined ? undefined : findProfile(profile, profiles),
    profiles,
  );
  return [...allItems(content.benchmark.items)].flatMap((item) => {
    if (item.kind !== 'rule') return [];
    const { severity } = applied.refine(item);
    return [
      {
        id: shortId(item.id),
        title: item.prose.title ?? '',
        severity,
        selected: applied.selected.has(item.id),
      },
    ];
  });
}

function existing(file: string): Profile {
  const [profile, ...others] = readTailoring(readContentPart(file), file).profiles;
  if (others.length > 0)
    throw wrong(
      `the tailoring file has ${others.length + 1} profiles, and a tailoring that is written has one`,
      file,
      'put the profile to change into a file of its own',
    );
  if (profile) return profile;
  throw wrong(`the tailoring file has no profile`, file);
}

function fresh(content: Tailorable, name: string | undefined): Profile {
  if (name === undefined)
    return { id: 'xccdf_org.scapfeed_profile_tailored', title: 'Tailored', changes: [] };
  const { id, title } = findProfile(name, content.benchmark.profiles);
  // A profile with the id of its base would shadow it, which tools treat differently.
  return {
    id: `${id.replace(/^xccdf_[^_]+_profile_/, 'xccdf_org.scapfeed_profile_')}_tailored`,
    title: `${title} (tailored)`,
    extends: id,
    changes: [],
  };
}

function requested(
  content: Tailorable,
  { select, unselect, set, severity }: TailoringRequest,
): ProfileChange[] {
  const items = [...allItems(content.benchmark.items)].map(({ id }) => id);
  const values = content.benchmark.values.map(({ id }) => id);
  return [
    ...select.map(
      (name): ProfileChange => ({ kind: 'select', id: find(name, items, 'rule or group'), selected: true }),
    ),
    ...unselect.map(
      (name): ProfileChange => ({ kind: 'select', id: find(name, items, 'rule or group'), selected: false }),
    ),
    ...set.map((text): ProfileChange => {
      const [name, value] = assignment(text);
      return { kind: 'set-value', id: find(name, values, 'value'), value };
    }),
    ...severity.map((text): ProfileChange => {
      const [name, word] = assignment(text);
      if (!severityWords.includes(word))
        throw wrong(`no severity ${word}: expected one of ${severityWords.join(', ')}`, text);
      return { kind: 'refine-rule', id: find(name, items, 'rule'), severity: word as RuleSeverity };
    }),
  ];
}

function find(name: string, ids: readonly string[], what: string): string {
  if (ids.includes(name)) return name;
  const ending = ids.filter((id) => id.endsWith(`_${name}`) && shortId(id) === name);
  if (ending.length === 1) return ending[0] as string;
  const near = ids
    .map(shortId)
    .filter((id) => id.includes(name))
    .slice(0, 5);
  throw wrong(
    `there is no ${what} ${name}${near.length > 0 ? `; near ones are ${near.join(', ')}` : ''}`,
    name,
  );
}

function assignment(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw wrong('expected ID=TEXT', text);
  return [text.slice(0, at), text.slice(at + 1)];
}

function wrong(
  message: string,
  where: string,
  remedy = 'see `scapfeed tailor --list` for its profiles, rules and values',
): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message,
    where,
    remedy,
  });
}
