import { findProfile, type LoadedContent, shortId, wantedPredicate } from '../../src/comply/index.ts';
import type { ObjectCollector } from '../../src/comply/oval/engine.ts';
import { imageCollector } from '../../src/comply/probes/image-collector.ts';
import type { ImageSystem } from '../../src/comply/probes/probe.ts';
import { type Evaluation, evaluateBenchmark } from '../../src/comply/xccdf/evaluate.ts';
import { inventoryWanted, readInventory } from '../../src/inventory/index.ts';
import type { FileView } from '../../src/model/inventory/index.ts';
import { askedAsOscap, unitsAskedAsOscap } from '../comply/support/as-oscap.ts';
import { dirView } from '../support/dir-view.ts';
import { oscapRules } from './oscap.ts';

/** Results of the rules that a profile selects, on one root, ours beside oscap's. */
export interface Comparison {
  compared: number;
  /** Of them, those that apply to the root: without any, equality would say nothing. */
  applicable: number;
  equal: number;
  /** Differences by their cause. */
  explained: Map<string, number>;
  unexplained: string[];
}

/** Why a result may differ from oscap's. A difference has the cause if it is gone once we ask as oscap does. */
export const unitFilesCause =
  'systemd units: read from their files, where oscap asks a D-Bus that no image runs, and gets unknown';

export const liveCause =
  'kernel, mounts, labels and processor: unknown where nothing tells them, the processor by the packages; oscap finds nothing';

export const openFilterCause =
  'a filter by a group that the root does not have: nobody knows which items it leaves; oscap leaves all';

/** Rules with such a filter, which are unknown to us. */
const withOpenFilter: ReadonlySet<string> = new Set(['file_groupowner_var_log']);

/** Judges a profile by content as a reader of images would see the root, and puts each rule's result to oscap. */
export async function compareProfile(
  content: LoadedContent,
  stream: string,
  root: string,
  profile: string,
): Promise<Comparison> {
  const pending = oscapRules(stream, root, profile);
  const system = systemOf(root, content);
  const collect = imageCollector(system);
  const ours = evaluate(content, collect, profile);
  const withoutUnits = resultsOf(evaluate(content, unitsAskedAsOscap(collect), profile));
  const asOscap = evaluate(content, askedAsOscap(collect), profile);
  const { rules, score } = await pending;
  const found: Comparison = { compared: 0, applicable: 0, equal: 0, explained: new Map(), unexplained: [] };
  const [own, alike] = [resultsOf(ours), resultsOf(asOscap)];
  for (const id of new Set([...rules.keys(), ...own.keys()])) {
    const theirs = rules.get(id);
    if (theirs === 'notselected' && own.get(id) === theirs) continue;
    found.compared += 1;
    if (theirs !== 'notapplicable') found.applicable += 1;
    if (own.get(id) === theirs) found.equal += 1;
    else if (withoutUnits.get(id) === theirs) count(found.explained, unitFilesCause);
    else if (alike.get(id) === theirs) count(found.explained, liveCause);
    else if (withOpenFilter.has(shortId(id)) && own.get(id) === 'unknown')
      count(found.explained, openFilterCause);
    else found.unexplained.push(`${shortId(id)}: ${own.get(id)}, oscap ${theirs}`);
  }
  const same = Math.abs((asOscap.scores[0]?.score ?? 0) - score) < 1e-4;
  if (!same) found.unexplained.push(`score: ${asOscap.scores[0]?.score}, oscap ${score}`);
  return found;
}

/** The profiles of a stream, each by the end of its id. */
export function profileNames(content: LoadedContent): string[] {
  return content.benchmark.profiles.map(({ id }) => shortId(id));
}

function evaluate(content: LoadedContent, collect: ObjectCollector, profile: string): Evaluation {
  return evaluateBenchmark(content, {
    profile: findProfile(profile, content.benchmark.profiles),
    collect,
    now: Math.floor(Date.now() / 1000),
  });
}

function resultsOf({ outcomes }: Evaluation): Map<string, string> {
  return new Map(outcomes.map(({ rule, result }) => [rule.id, result]));
}

function systemOf(root: string, content: LoadedContent): ImageSystem {
  const wanted = wantedPredicate(content.wanted);
  const files = limited(dirView(root), (path) => inventoryWanted(path) || wanted(path));
  let packages: ReturnType<ImageSystem['packages']> | undefined;
  return {
    files,
    env: [],
    packages: () => {
      packages ??= readInventory(files).packages;
      return packages;
    },
  };
}

/** Contents of wanted files only, as a reader of image layers keeps them. */
function limited(files: FileView, wanted: (path: string) => boolean): FileView {
  return {
    ...files,
    open: (path) => {
      const real = files.real(path);
      return real !== undefined && wanted(real) ? files.open(path) : undefined;
    },
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
