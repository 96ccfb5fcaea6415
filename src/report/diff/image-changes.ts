import type { ComplianceResult } from '../../model/compliance/index.ts';
import type { InstalledPackage, Inventory } from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import {
  countedFlaws,
  type Deviation,
  type ScanResult,
  sourceKey,
  type Verification,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { type Flaw, flawsOf, packageNames } from '../scan/flaws.ts';
import { stateText } from '../scan/words.ts';
import { systemName } from '../system-name.ts';

/** All that is known of one of two images. */
export interface ImageSide {
  result: ScanResult;
  inventory: Inventory;
  verification?: Verification;
  compliance?: ComplianceResult;
}

/** The differences between two images. schemas/image-diff.schema.json describes them. */
export interface ImageChanges {
  format: 'scapfeed/image-diff/1';
  tool: string;
  feed: ScanResult['feed'];
  before: DiffedImage;
  after: DiffedImage;
  packages: PackageChange[];
  flaws: FlawChange[];
  /** Number of flaws in both images. */
  unchanged: number;
  /** Number of differing flaws that the default view hides. `--all` lists them. */
  hidden: number;
  /** Absent if the files were not compared with the packages. */
  deviations?: DeviationChange[];
  /** Absent if no profile was requested. */
  rules?: RuleChange[];
}

/** One of the two images and what is known of it. */
export interface DiffedImage {
  reference: string;
  digest?: string;
  system: string;
  platform: string;
  packages: number;
  flaws: number;
  /** Why the result does not cover the whole image. */
  gaps: string[];
}

/** A package that only one image has, or that has other versions. */
export interface PackageChange {
  change: 'added' | 'removed' | 'upgraded' | 'downgraded' | 'changed';
  name: string;
  architecture: string;
  before: string[];
  after: string[];
}

/** A flaw of a source package that only one image has, or that differs. */
export interface FlawChange {
  /** `unknown`: the other image has the package, but it could not be judged there. */
  change: 'new' | 'gone' | 'changed' | 'unknown';
  vulnerability: string;
  source: string;
  severity: string;
  before?: string;
  after?: string;
  packages: string[];
}

/** A deviation that only one image has, or that differs. */
export interface DeviationChange {
  change: 'new' | 'gone' | 'changed';
  kind: string;
  path: string;
  before?: string;
  after?: string;
}

/** A rule with a different result. */
export interface RuleChange {
  id: string;
  title: string;
  severity: string;
  before: string;
  after: string;
}

export interface ChangeOptions {
  /** Also flaws that the default view hides. */
  all: boolean;
  /** Orders two versions of a package; undefined: they cannot be compared. */
  compare(pkg: InstalledPackage, version: string): number | undefined;
}

export function imageChanges(before: ImageSide, after: ImageSide, options: ChangeOptions): ImageChanges {
  const { flaws, unchanged, hidden } = flawChanges(before, after, options.all);
  return {
    format: 'scapfeed/image-diff/1',
    tool: after.result.tool,
    feed: after.result.feed,
    before: identityOf(before, options.all),
    after: identityOf(after, options.all),
    packages: packageChanges(before.inventory, after.inventory, options.compare),
    flaws,
    unchanged,
    hidden,
    ...(before.verification && after.verification
      ? { deviations: deviationChanges(before.verification, after.verification) }
      : {}),
    ...(before.compliance && after.compliance
      ? { rules: ruleChanges(before.compliance, after.compliance) }
      : {}),
  };
}

function identityOf({ result, verification }: ImageSide, all: boolean): DiffedImage {
  const unlisted = verification?.uncovered.length ?? 0;
  const { image, inventory, platform, gaps } = result;
  return {
    reference: image.reference,
    ...(image.digest === undefined ? {} : { digest: image.digest }),
    system: systemName(inventory.os) ?? 'unknown',
    platform: platform.id,
    packages: inventory.packages + (inventory.languages ?? 0),
    flaws: countedFlaws(result.verdicts.filter((verdict) => isListed(verdict, all))).length,
    gaps: [
      ...gaps.map(
        ({ code, where, detail }) =>
          `${code.replaceAll('_', ' ')}: ${where === undefined ? '' : `${where}: `}${detail}`,
      ),
      ...(unlisted > 0 ? [`verify: packages without a list of their files: ${unlisted}`] : []),
    ],
  };
}

function isListed({ hidden }: ViewedVerdict, all: boolean): boolean {
  return all || hidden === undefined;
}

/** Several versions of a kernel can be installed under one name. */
function packageChanges(
  before: Inventory,
  after: Inventory,
  compare: ChangeOptions['compare'],
): PackageChange[] {
  const [old, now] = [byName(judgedPackages(before)), byName(judgedPackages(after))];
  return [...new Set([...old.keys(), ...now.keys()])].sort(compareCodeUnits).flatMap((key) => {
    const [was, is] = [old.get(key) ?? [], now.get(key) ?? []];
    const versions = (packages: readonly InstalledPackage[]) =>
      [...new Set(packages.map(({ version }) => version))].sort();
    const [from, to] = [versions(was), versions(is)];
    if (from.join('\0') === to.join('\0')) return [];
    const { name, arch } = (is[0] ?? was[0])!;
    return [{ change: kindOf(was, is, compare), name, architecture: arch ?? '', before: from, after: to }];
  });
}

function kindOf(
  was: readonly InstalledPackage[],
  is: readonly InstalledPackage[],
  compare: ChangeOptions['compare'],
): PackageChange['change'] {
  if (was.length === 0) return 'added';
  if (is.length === 0) return 'removed';
  if (hasSeveral(was) || hasSeveral(is)) return 'changed';
  const order = compare(is[0]!, was[0]!.version);
  if (order === undefined || order === 0) return 'changed';
  return order > 0 ? 'upgraded' : 'downgraded';
}

function hasSeveral(packages: readonly InstalledPackage[]): boolean {
  return packages.some(({ version }) => version !== packages[0]!.version);
}

function byName(packages: readonly InstalledPackage[]): Map<string, InstalledPackage[]> {
  const named = new Map<string, InstalledPackage[]>();
  for (const pkg of packages) {
    const key = [pkg.name, pkg.arch, pkg.type].join('\0');
    const known = named.get(key);
    if (known) known.push(pkg);
    else named.set(key, [pkg]);
  }
  return named;
}

function flawChanges(
  before: ImageSide,
  after: ImageSide,
  all: boolean,
): Pick<ImageChanges, 'flaws' | 'unchanged' | 'hidden'> {
  const [old, now] = [flawsByKey(before), flawsByKey(after)];
  const changes: FlawChange[] = [];
  let unchanged = 0;
  let hidden = 0;
  for (const key of new Set([...now.keys(), ...old.keys()])) {
    const change = flawChange(old.get(key), now.get(key), before, after);
    const isShown = [old.get(key), now.get(key)].some((flaw) => flaw && isListed(flaw.verdict, all));
    if (change && isShown) changes.push(change);
    else if (change) hidden += 1;
    else if (isShown) unchanged += 1;
  }
  return { flaws: changes.sort(byKind), unchanged, hidden };
}

/** In the order of the result: the most urgent first. */
function flawsByKey({ result }: ImageSide): Map<string, Flaw> {
  const flaws = new Map<string, Flaw>();
  for (const flaw of flawsOf(result.verdicts)) {
    const { vulnerability, package: pkg } = flaw.verdict;
    const key = `${vulnerability}\0${sourceKey(pkg)}`;
    const known = flaws.get(key);
    flaws.set(key, known ? { ...known, verdicts: [...known.verdicts, ...flaw.verdicts] } : flaw);
  }
  return flaws;
}

const kinds = ['new', 'unknown', 'changed', 'gone'] as const;

function byKind(a: FlawChange, b: FlawChange): number {
  return kinds.indexOf(a.change) - kinds.indexOf(b.change);
}

function flawChange(
  was: Flaw | undefined,
  is: Flaw | undefined,
  before: ImageSide,
  after: ImageSide,
): FlawChange | undefined {
  const flaw = (is ?? was)!;
  const { vulnerability, severity, package: pkg } = flaw.verdict;
  const source = pkg.source.name;
  const entry = {
    vulnerability,
    source,
    severity,
    packages: [...new Set(packageNames(flaw))],
    before: was ? standingOf(was) : absence(before, pkg),
    after: is ? standingOf(is) : absence(after, pkg),
  };
  if (was && is) {
    const isSame = stateText(was.verdict) === stateText(is.verdict) && was.verdict.severity === severity;
    return isSame ? undefined : { change: 'changed', ...entry };
  }
  // An unjudged package does not count as repaired, and was not clean before.
  if (isUncovered(was ? after : before, pkg)) return { change: 'unknown', ...entry };
  return { change: is ? 'new' : 'gone', ...entry };
}

function standingOf({ verdict }: Flaw): string {
  return `${verdict.package.source.version}: ${stateText(verdict)}`;
}

function absence({ inventory, result }: ImageSide, flawed: InstalledPackage): string {
  if (isUncovered({ result }, flawed)) return 'could not be judged';
  const versions = judgedPackages(inventory)
    .filter((pkg) => sourceKey(pkg) === sourceKey(flawed))
    .map((pkg) => pkg.source.version);
  if (versions.length === 0) return 'not installed';
  return `${[...new Set(versions)].sort().join(', ')}: not affected`;
}

/** An unread package of a language may be any of its ecosystem. */
function isUncovered({ result }: Pick<ImageSide, 'result'>, flawed: InstalledPackage): boolean {
  return (
    result.uncovered.some(({ package: pkg }) => sourceKey(pkg) === sourceKey(flawed)) ||
    result.unjudged.some(({ ecosystem }) => ecosystem === flawed.type)
  );
}

/** Without packages of languages that are judged with their owners. */
function judgedPackages({ packages, languages = [] }: Inventory): readonly InstalledPackage[] {
  return [...packages, ...languages.filter(({ owner }) => !owner)];
}

function deviationChanges(before: Verification, after: Verification): DeviationChange[] {
  const [old, now] = [before, after].map(({ deviations }) => {
    return new Map(deviations.map((each) => [`${each.path}\0${each.kind}`, each]));
  }) as [Map<string, Deviation>, Map<string, Deviation>];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort(compareCodeUnits)
    .flatMap((key): DeviationChange[] => {
      const [was, is] = [old.get(key), now.get(key)];
      const { kind, path } = (is ?? was)!;
      const entry = {
        kind,
        path,
        ...(was && { before: was.detail }),
        ...(is && { after: is.detail }),
      };
      if (!was) return [{ change: 'new', ...entry }];
      if (!is) return [{ change: 'gone', ...entry }];
      return was.detail === is.detail && was.sha256 === is.sha256 ? [] : [{ change: 'changed', ...entry }];
    });
}

function ruleChanges(before: ComplianceResult, after: ComplianceResult): RuleChange[] {
  const [old, now] = [before, after].map(({ rules }) => new Map(rules.map((rule) => [rule.id, rule])));
  return [...new Set([...now!.keys(), ...old!.keys()])].flatMap((id) => {
    const [was, is] = [old!.get(id), now!.get(id)];
    const { title, severity } = (is ?? was)!;
    const results = { before: was?.result ?? 'no such rule', after: is?.result ?? 'no such rule' };
    return results.before === results.after ? [] : [{ id, title, severity, ...results }];
  });
}
