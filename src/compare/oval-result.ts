import {
  type ComplianceEvidence,
  type EvaluatedDefinition,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
} from '../model/compliance/index.ts';
import type { ViewedVerdict } from '../model/verdict/index.ts';
import type { OtherFinding, OtherReason, OtherResult } from './other-result.ts';

/** The result of a vendor's own OVAL for an image, as another result to compare; the evaluation lists every definition. */
export function ovalResult(evaluation: OvalEvaluation): OtherResult {
  const flaws = evaluation.definitions.filter(
    ({ class: kind }) => kind === 'patch' || kind === 'vulnerability',
  );
  const definitions = new Map<string, EvaluatedDefinition[]>();
  for (const flaw of flaws) {
    for (const vulnerability of flaw.vulnerabilities) {
      const known = definitions.get(vulnerability);
      if (known) known.push(flaw);
      else definitions.set(vulnerability, [flaw]);
    }
  }
  const onlyFixes = flaws.every(({ class: kind }) => kind === 'patch');
  const isTrue = evaluation.applies === 'no' ? [] : flaws.filter(needsAction);
  const platforms = evaluation.content.documents.flatMap((document) => document.platforms);
  return {
    tool: 'oval',
    ...(platforms.length === 0 ? {} : { system: platforms.join(', ') }),
    notRead: isTrue.filter(({ vulnerabilities }) => vulnerabilities.length === 0).length,
    findings: isTrue.flatMap(findingsOf),
    whyNot: (verdict) => whyNot(verdict, evaluation, definitions, onlyFixes),
  };
}

/** A finding for each vulnerability of a definition that is true, in each package that made it so. */
function findingsOf(definition: EvaluatedDefinition): OtherFinding[] {
  const { id, vulnerabilities, vendorSeverity = 'unknown' } = definition;
  return vulnerabilities.flatMap((vulnerability) =>
    foundBy(definition).map(
      ({ name, version, fixed }): OtherFinding => ({
        vulnerability,
        aliases: [],
        package: name,
        version,
        fixed,
        severity: vendorSeverity.toLowerCase(),
        kind: 'os',
        source: id,
      }),
    ),
  );
}

interface FoundPackage {
  /** Empty: the test has read a file, and does not say whose version it found there. */
  name: string;
  version: string;
  fixed: string;
}

/** Packages below a version; if no test has one, those that are only installed; at last one that is not known at all. */
function foundBy({ evidence }: EvaluatedDefinition): FoundPackage[] {
  const tests = evidence.filter(({ result, negated }) => result === 'true' && !negated);
  const below = tests.flatMap(belowVersion);
  const found = below.length > 0 ? below : tests.flatMap(installed);
  if (found.length === 0) return [{ name: '', version: '', fixed: '' }];
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

const threshold = /^(?:evr|subexpression) less than "([^"]+)"$/;
const foundVersion = /(?:^|, )(evr|subexpression): ([^,]+)/;

function belowVersion({ expected, found }: ComplianceEvidence): FoundPackage[] {
  const fixed = expected.flatMap((text) => threshold.exec(text)?.[1] ?? [])[0];
  if (fixed === undefined) return [];
  return found.flatMap(({ place, value, result = 'true' }) => {
    const [, entity, version] = foundVersion.exec(value ?? '') ?? [];
    if (version === undefined || result !== 'true') return [];
    return { name: entity === 'evr' ? place : '', version, fixed };
  });
}

/** Excludes the packages of a release, by which a definition detects the system. */
function installed({ found }: ComplianceEvidence): FoundPackage[] {
  return found.flatMap(({ place, value, result = 'true' }) => {
    const version = /(?:^|, )evr: ([^,]+)/.exec(value ?? '')?.[1];
    const isFound = version !== undefined && result === 'true' && !/-release(?:-|$)/.test(place);
    return isFound ? { name: place, version, fixed: '' } : [];
  });
}

/** Why the content does not have a flaw that the index has. */
function whyNot(
  { vulnerability, fixState, hidden, marks, package: pkg }: ViewedVerdict,
  { applies, reason = '' }: OvalEvaluation,
  definitions: ReadonlyMap<string, readonly EvaluatedDefinition[]>,
  onlyFixes: boolean,
): OtherReason {
  if (applies === 'no') return { cause: 'release_check', why: `nothing in the content applies: ${reason}` };
  const own = definitions.get(vulnerability);
  if (!own) return { cause: 'not_in_content', why: 'no definition of the content names it' };
  if (onlyFixes && fixState !== 'available')
    return {
      cause: 'patches_only',
      why: 'the content has definitions of fixes only, and the vendor has no fix',
    };
  const unsettled = own.find(isUnsettled);
  if (unsettled)
    return {
      cause: 'not_evaluated',
      why: `${unsettled.id} is ${unsettled.result}: an image does not tell all that it asks for`,
    };
  const others = own.filter(needsAction);
  if (others.length > 0) {
    const names = new Set(
      others.flatMap((each) => foundBy(each).map(({ name }) => name || 'other versions')),
    );
    return {
      cause: 'other_packages',
      why: `${idsAre(others)} true because of ${[...names].join(', ')}, and ${others.some(({ omittedTests }) => omittedTests) ? 'no test that is listed' : 'no test'} finds ${pkg.name} ${pkg.version}`,
    };
  }
  if (pkg.module !== undefined)
    return {
      cause: 'module',
      why: `${idsAre(own)} false: ${pkg.name} is of the module ${pkg.module}, whose record of dnf is asked for`,
    };
  if (hidden === 'kernel')
    return {
      cause: 'kernel',
      why: `${idsAre(own)} false: the running kernel is asked for, or a kernel under another name`,
    };
  const doubt = signatureMarks.find((mark) => marks.includes(mark));
  if (doubt !== undefined)
    return {
      cause: 'signature',
      why: `${idsAre(own)} false: ${pkg.name} is ${doubt === 'unknown_key' ? 'signed with an unknown key' : 'not signed'}, and the content may ask for the vendor's`,
    };
  return {
    cause: 'false_there',
    why: `${idsAre(own)} false: no test finds a package below its version, or another condition does not hold; they may name the source ${pkg.source.name}, or a binary that is not installed`,
  };
}

/** Marks of packages without their vendor's signature. */
const signatureMarks = ['unsigned', 'unknown_key', 'signature_not_stated'];

function idsAre(definitions: readonly EvaluatedDefinition[]): string {
  return `${definitions.map(({ id }) => id).join(', ')} ${definitions.length === 1 ? 'is' : 'are'}`;
}
