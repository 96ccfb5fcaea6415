import {
  type ComplianceEvidence,
  type EvaluatedDefinition,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
  type ViewedVerdict,
} from '../model/index.ts';
import type { OtherFinding, OtherReason, OtherResult } from './other-result.ts';

/** What a vendor's own OVAL says of an image, as another result of it; the evaluation lists every definition. */
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
  const platforms = evaluation.content.documents.flatMap((document) => document.platforms);
  return {
    tool: 'oval',
    ...(platforms.length === 0 ? {} : { system: platforms.join(', ') }),
    notRead: 0,
    findings: evaluation.applies === 'no' ? [] : flaws.filter(needsAction).flatMap(findingsOf),
    whyNot: (verdict) => whyNot(verdict, evaluation, definitions, onlyFixes),
  };
}

/** A finding for each vulnerability of a definition that is true, in each package that its tests found below a version. */
function findingsOf(definition: EvaluatedDefinition): OtherFinding[] {
  const { id, vulnerabilities, vendorSeverity = 'unknown' } = definition;
  const packages = new Map(definition.evidence.flatMap(packagesOf).map((found) => [found.name, found]));
  return vulnerabilities.flatMap((vulnerability) =>
    [...packages.values()].map(
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

const belowVersion = /^evr less than "([^"]+)"$/;

function packagesOf({
  result,
  negated,
  expected,
  found,
}: ComplianceEvidence): { name: string; version: string; fixed: string }[] {
  if (result !== 'true' || negated) return [];
  const fixed = expected.flatMap((text) => belowVersion.exec(text)?.[1] ?? [])[0];
  if (fixed === undefined) return [];
  return found.flatMap(({ place, value }) => {
    const version = /(?:^|, )evr: ([^,]+)/.exec(value ?? '')?.[1];
    return version === undefined ? [] : [{ name: place, version, fixed }];
  });
}

/** Why the content does not have a flaw that the index has. */
function whyNot(
  { vulnerability, fixState, package: pkg }: ViewedVerdict,
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
  const ids = own.map(({ id }) => id).join(', ');
  const unsettled = own.find(isUnsettled);
  if (unsettled)
    return {
      cause: 'not_evaluated',
      why: `${unsettled.id} is ${unsettled.result}: an image does not tell all that it asks for`,
    };
  const others = own.filter(needsAction);
  if (others.length > 0) {
    const names = others.flatMap(({ evidence }) => evidence.flatMap(packagesOf).map(({ name }) => name));
    return {
      cause: 'other_packages',
      why: `${ids} is true because of ${[...new Set(names)].join(', ') || 'other tests'}, and has no test that finds ${pkg.name} ${pkg.version}`,
    };
  }
  if (pkg.module !== undefined)
    return {
      cause: 'module',
      why: `${ids} is false: ${pkg.name} is of the module ${pkg.module}, whose record of dnf it asks for`,
    };
  if (/^(?:linux|kernel)(?:-|$)/.test(pkg.name))
    return {
      cause: 'kernel',
      why: `${ids} is false: it asks for the running kernel, or for a kernel under another name`,
    };
  return {
    cause: 'false_there',
    why: `${ids} is false: its tests find no package below their versions; they may name the source ${pkg.source.name}, or a binary that is not installed`,
  };
}
