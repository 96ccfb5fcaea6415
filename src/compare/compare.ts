import { type InstalledPackage, isOfEcosystem } from '../model/inventory/index.ts';
import { compareCodeUnits, compareIds } from '../model/order.ts';
import type { Judgement, ViewedVerdict } from '../model/verdict/index.ts';
import type { OtherFinding, OtherResult } from './other-result.ts';

/** Two results for one image, compared finding by finding. */
export interface ComparedResults {
  tool: OtherResult['tool'];
  /** Number of findings in both results with the same fix or none. */
  same: number;
  differences: Difference[];
  /** The other scanner's findings in packages of languages that the feed has no data of, by its word for the kind. */
  otherEcosystems: Readonly<Record<string, number>>;
  /** Records of the other scanner that were not compared: without a vulnerability or package, or in another form. */
  notRead: number;
}

/** A difference between another scanner's result and ours. */
export interface Difference {
  vulnerability: string;
  package: string;
  installed: string;
  /** The result that has the finding. `both` if only the fix differs. */
  side: 'ours' | 'theirs' | 'both';
  /** A stable identifier of the cause. */
  cause: string;
  /** The explanation, as a sentence based on the evidence. */
  why: string;
  ours?: { state: string; fixed?: string; severity: string };
  theirs?: { fixed?: string; severity: string; source?: string };
  /** `INPUT#POINTER`: the vendor's deciding record. */
  evidence?: string;
}

/** Our side of the comparison: all verdicts, including those that are fixed or not affected. */
export interface OwnResult extends Pick<Judgement, 'verdicts' | 'uncovered'> {
  /** Those of languages too. */
  packages: readonly InstalledPackage[];
  platform: string;
  /** Ecosystems of the feed. */
  ecosystems: ReadonlySet<string>;
}

/** Puts another scanner's findings beside the verdicts on the same image, and explains each difference. */
export function compareResults(own: OwnResult, other: OtherResult): ComparedResults {
  const verdicts = verdictsByVulnerability(own.verdicts);
  const met = new Map<ViewedVerdict, OtherFinding>();
  const theirs = new Map<string, Difference>();
  const otherEcosystems = new Map<string, number>();
  const packages = packagesByName(own);
  const foundIn = new Set(other.findings.map((one) => nameKey(judgeOf(one), one.package)));
  for (const finding of onceEach(other.findings)) {
    const isJudged = finding.ecosystem !== undefined && own.ecosystems.has(finding.ecosystem);
    if (finding.kind !== 'os' && !isJudged) {
      otherEcosystems.set(finding.kind, (otherEcosystems.get(finding.kind) ?? 0) + 1);
      continue;
    }
    const about = [finding.vulnerability, ...finding.aliases]
      .flatMap((id) => verdicts.get(id) ?? [])
      .filter((verdict) => isAbout(finding, verdict));
    const affected = about.filter(isFinding);
    // Several: one of each architecture. Of several fixes that they name, ours counts.
    for (const verdict of affected)
      if (!met.has(verdict) || hasSameFix(verdict, finding)) met.set(verdict, finding);
    if (affected.length === 0)
      theirs.set(
        keyOf(finding),
        onlyTheirs(finding, about[0], finding.ecosystem ?? own.platform, packages, other.tool),
      );
  }
  const same = [...met].filter(([verdict, finding]) => hasSameFix(verdict, finding)).length;
  const differences = [
    ...theirs.values(),
    ...[...met].flatMap(([verdict, finding]) =>
      hasSameFix(verdict, finding) ? [] : otherFix(finding, verdict),
    ),
  ];
  for (const verdict of own.verdicts) {
    if (isFinding(verdict) && !met.has(verdict)) differences.push(onlyOurs(verdict, other, foundIn));
  }
  differences.sort(
    (a, b) =>
      compareCodeUnits(a.side, b.side) ||
      compareCodeUnits(a.cause, b.cause) ||
      compareCodeUnits(a.package, b.package) ||
      compareIds(a.vulnerability, b.vulnerability),
  );
  return {
    tool: other.tool,
    same,
    differences,
    // By entries: an ecosystem may be called `__proto__`.
    otherEcosystems: Object.fromEntries(otherEcosystems),
    notRead: other.notRead,
  };
}

function isFinding({ status }: ViewedVerdict): boolean {
  return status === 'affected' || status === 'under_investigation';
}

function verdictsByVulnerability(
  verdicts: readonly ViewedVerdict[],
): ReadonlyMap<string, readonly ViewedVerdict[]> {
  const found = new Map<string, ViewedVerdict[]>();
  for (const verdict of verdicts) {
    // Records of languages are advisories, and other scanners name some flaws by these.
    const records = isOfEcosystem(verdict.package) ? verdict.advisories : [];
    for (const id of new Set([verdict.vulnerability, ...records])) {
      const known = found.get(id);
      if (known) known.push(verdict);
      else found.set(id, [verdict]);
    }
  }
  return found;
}

/** Whether a verdict is of the package that a finding is in. Without a name it is in each that has its version. */
function isAbout(finding: OtherFinding, { package: pkg }: ViewedVerdict): boolean {
  const { package: name, version } = finding;
  if (judgeOf(finding) !== judgeOf(pkg) || (name !== '' && name !== pkg.name)) return false;
  if (version === '' || sameVersion(pkg.version, version)) return true;
  return name === '' && sameVersion(pkg.source.version, version);
}

/** Other scanners name the fix of each release line of a package of a language. */
function hasSameFix({ fixedVersion = '' }: ViewedVerdict, { fixed, ecosystem }: OtherFinding): boolean {
  const named = ecosystem === undefined ? [fixed] : fixed.split(', ');
  return named.some((each) => sameVersion(fixedVersion, each));
}

/** The judge of a package: an ecosystem, or the distribution. */
function judgeOf({ type, ecosystem = type }: { type?: string; ecosystem?: string }): string {
  return ecosystem !== undefined && isOfEcosystem({ type: ecosystem }) ? ecosystem : 'os';
}

function nameKey(judge: string, name: string): string {
  return `${judge} ${name}`;
}

interface OwnPackage {
  /** Installed. */
  versions: string[];
  /** The package of the distribution that judges it. */
  owner?: string;
  gap?: OwnResult['uncovered'][number];
}

function packagesByName({ packages, uncovered }: OwnResult): ReadonlyMap<string, OwnPackage> {
  const found = new Map<string, OwnPackage>();
  const of = (pkg: InstalledPackage): OwnPackage => {
    const key = nameKey(judgeOf(pkg), pkg.name);
    const known = found.get(key) ?? { versions: [] };
    found.set(key, known);
    return known;
  };
  for (const pkg of packages) {
    const known = of(pkg);
    known.versions.push(pkg.version);
    if (pkg.owner) known.owner = pkg.owner.name;
  }
  for (const one of uncovered) of(one.package).gap ??= one;
  return found;
}

/** Scanners list a package of several layers or files more than once. */
function onceEach(findings: readonly OtherFinding[]): OtherFinding[] {
  return [...new Map(findings.map((one) => [`${keyOf(one)} ${one.fixed}`, one])).values()];
}

function keyOf({ vulnerability, package: name, version, kind }: OtherFinding): string {
  return JSON.stringify([vulnerability, name, version, kind]);
}

/** An epoch of 0 is written or left out, as is the `v` of Go and Composer. */
function sameVersion(a: string, b: string): boolean {
  const plain = (version: string) => version.replace(/^(?:0:|v(?=\d))/, '');
  return plain(a) === plain(b);
}

function onlyTheirs(
  finding: OtherFinding,
  verdict: ViewedVerdict | undefined,
  platform: string,
  packages: ReadonlyMap<string, OwnPackage>,
  tool: string,
): Difference {
  const { vulnerability, package: name, version, fixed, severity, source } = finding;
  return {
    vulnerability,
    // A test that reads a file names no package; the verdict that was found by its version does.
    package: name === '' ? (verdict?.package.name ?? '') : name,
    installed: version === '' ? (verdict?.package.version ?? '') : version,
    side: 'theirs',
    ...(verdict
      ? whyNot(verdict, finding)
      : whyUnknown(finding, platform, packages.get(nameKey(judgeOf(finding), name)), tool)),
    theirs: { ...(fixed === '' ? {} : { fixed }), severity, ...(source === undefined ? {} : { source }) },
    ...(verdict ? { evidence: verdict.evidence } : {}),
  };
}

/** The vendor has a statement about it that is not "affected". */
function whyNot(
  { status, reason, fixedVersion, package: pkg, platform, advisories }: ViewedVerdict,
  { fixed }: OtherFinding,
): Pick<Difference, 'cause' | 'why'> {
  if (status === 'not_affected' && isOfEcosystem(pkg))
    return {
      cause: 'other_range',
      why: `${advisories.join(', ')} ${advisories.length > 1 ? 'are' : 'is'} about other versions than ${pkg.version}`,
    };
  if (status === 'not_affected')
    return {
      cause: 'not_affected',
      why: `the vendor says not affected${reason === undefined ? '' : `: ${reason}`}`,
    };
  const by = advisories.length > 0 ? ` (${advisories.join(', ')})` : '';
  const theirs = fixed !== '' && !sameVersion(fixed, fixedVersion ?? '') ? `; they want ${fixed}` : '';
  return {
    cause: 'fixed_here',
    why: `${platform} has the fix since ${fixedVersion}${by}, and ${pkg.source.version} is not older${theirs}`,
  };
}

/** No verdict of any kind. */
function whyUnknown(
  { vulnerability, package: name, version, source }: OtherFinding,
  platform: string,
  { gap, versions, owner }: OwnPackage = { versions: [] },
  tool: string,
): Pick<Difference, 'cause' | 'why'> {
  if (name === '')
    return {
      cause: 'package_not_named',
      why: `${source} is true${version === '' ? '' : ` because of ${version}`}, and its tests do not say of which package; no package has it by the data of ${platform}`,
    };
  if (gap)
    return {
      cause: gap.reason,
      why: `scapfeed does not judge this build${gap.detail === undefined ? '' : `: ${gap.detail}`}`,
    };
  if (versions.length === 0)
    return { cause: 'package_not_installed', why: `the package databases do not have ${name}` };
  if (owner !== undefined)
    return { cause: 'owned', why: `it is part of ${owner}, which the distribution judges` };
  if (!versions.some((each) => sameVersion(each, version)))
    return {
      cause: 'other_version_installed',
      why: `the package databases have ${versions.join(', ')}, not ${version}`,
    };
  if (source !== undefined && /nvd|cpe/i.test(source))
    return {
      cause: 'range_of_nvd',
      why: `they take the range of NVD; the data of ${platform} does not name ${vulnerability} for the package`,
    };
  return {
    cause: 'no_statement',
    why: `the data of ${platform} has no statement about ${vulnerability} for the package; ${tool} has it from ${source ?? 'a source that it does not name'}`,
  };
}

function otherFix(finding: OtherFinding, verdict: ViewedVerdict): Difference {
  const { fixedVersion, fixState, channel } = verdict;
  const ours = fixedVersion ?? 'none';
  const theirs = finding.fixed === '' ? 'none' : finding.fixed;
  const elsewhere = fixState === 'other_channel' && channel !== undefined;
  return {
    vulnerability: verdict.vulnerability,
    package: verdict.package.name,
    installed: verdict.package.version,
    side: 'both',
    cause: elsewhere ? 'other_channel' : fixedVersion === undefined ? 'no_fix_here' : 'other_fix',
    why: elsewhere
      ? `the fix ${ours} is in ${channel}, which the image does not install from; they say ${theirs}`
      : `the vendor's fix is ${ours}, they say ${theirs}`,
    ...sidesOf(verdict, finding),
    evidence: verdict.evidence,
  };
}

function onlyOurs(verdict: ViewedVerdict, other: OtherResult, foundIn: ReadonlySet<string>): Difference {
  const { vulnerability, package: pkg } = verdict;
  return {
    vulnerability,
    package: pkg.name,
    installed: pkg.version,
    side: 'ours',
    ...(other.whyNot?.(verdict) ?? whyTheyLack(verdict, other.tool, foundIn)),
    ...sidesOf(verdict),
    evidence: verdict.evidence,
  };
}

function whyTheyLack(
  verdict: ViewedVerdict,
  tool: string,
  foundIn: ReadonlySet<string>,
): Pick<Difference, 'cause' | 'why'> {
  const { status, fixState, suppressed, reason, package: pkg, fixedVersion } = verdict;
  if (status === 'under_investigation')
    return {
      cause: 'under_investigation',
      why: `the vendor has not decided yet${reason === undefined ? '' : ` (${reason})`}; ${tool} lists what is decided`,
    };
  if (suppressed !== undefined)
    return {
      cause: 'suppressed',
      why: `the vendor rates it ${suppressed}; scapfeed counts it and hides it by default`,
    };
  if (!foundIn.has(nameKey(judgeOf(pkg), pkg.name)))
    return { cause: 'package_without_findings', why: `${tool} has no finding at all in ${pkg.name}` };
  if (fixState === 'will_not_fix' || fixState === 'end_of_life' || fixState === 'fix_deferred')
    return {
      cause: fixState,
      why: `the vendor says affected and ${fixState.replaceAll('_', ' ')}; ${tool} does not list it`,
    };
  if (fixState === 'available')
    return {
      cause: 'not_in_their_data',
      why: `${pkg.source.version} is older than the vendor's fix ${fixedVersion}; ${tool}'s data does not say so`,
    };
  return { cause: 'not_in_their_data', why: `the vendor says affected; ${tool}'s data does not say so` };
}

function sidesOf(verdict: ViewedVerdict, finding?: OtherFinding): Pick<Difference, 'ours' | 'theirs'> {
  const { status, fixState, fixedVersion, severity } = verdict;
  return {
    ours: {
      state: fixState ?? status,
      ...(fixedVersion === undefined ? {} : { fixed: fixedVersion }),
      severity,
    },
    ...(finding
      ? {
          theirs: {
            ...(finding.fixed === '' ? {} : { fixed: finding.fixed }),
            severity: finding.severity,
            ...(finding.source === undefined ? {} : { source: finding.source }),
          },
        }
      : {}),
  };
}
