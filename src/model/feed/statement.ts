import type { Severity } from './severity.ts';

/**
 * The status of a statement, in the terms of CSAF and OpenVEX. A `fixed` statement gives the first version that is not affected.
 */
export type Status = 'affected' | 'fixed' | 'not_affected' | 'under_investigation';

/** The fix state of an `affected` package. `available`: a fix exists and is not installed (verdicts only). */
export type FixState =
  | 'available'
  | 'none_yet'
  | 'fix_deferred'
  | 'will_not_fix'
  | 'end_of_life'
  | 'other_channel';

/** Whether a statement's package name is that of a source or of a binary package. */
export type Subject = 'source' | 'binary';

/**
 * A statement without its vulnerability, platform and package.
 * It is the unit of grouping in an index shard: equal claims share one list of vulnerability ids.
 */
export interface Claim {
  status: Status;
  /** Fixed version in the packager's own notation; present exactly when status is `fixed`. */
  fixed?: string;
  /**
   * The affected versions of an ecosystem's package, in the notation of vers without its scheme: `>=1.0|<1.2.3|2.0`. A version outside
   * is not affected. The end of an interval (`<1.2.3`) is its fix. Of a distribution's package without a fix: the versions that were
   * looked at (`<=1.0-1`); a version outside is under investigation. Of a package of portage: terms of vulnerable and of unaffected
   * versions, with their slots (`<3.8.2:3.8|!>=3.8.2:3.8`, packaging/ebuild/range.ts).
   */
  range?: string;
  /** Present exactly when status is `affected`. */
  fixState?: Exclude<FixState, 'available'>;
  /** The vendor's reason in our vocabulary: `minor`, `unconfirmed`, `vulnerable_code_not_present`. */
  reason?: string;
  severity: Severity;
  /** Hidden by default, but counted: the vendor rates it as no flaw of the binary package. */
  suppressed?: 'unimportant' | 'negligible';
  /** Advisory ids that announced the fix, sorted: `DSA-5343-1`, `RHSA-2024:5962`, `USN-6342-1`. */
  advisories?: readonly string[];
  /** Qualifications of the claim that a reader should know: `stale_note`, `advisory_list_only`, `inferred` (docs/verdicts.md). */
  marks?: readonly string[];
  /** Default `source`; `binary`, as most rpm claims are, is written out. */
  subject?: Subject;
  /** `name:stream`; a claim with a module applies only to packages of that module. */
  module?: string;
  /** Go: paths of the packages of a module that have the flaw, sorted, if these are not all of them. */
  imports?: readonly string[];
  /** Architectures the claim is limited to, sorted; absent: all. */
  arch?: readonly string[];
  /** Update channel other than the platform's main one: `esm-infra`, `fips-updates`, `eus`, `els`. */
  channel?: string;
  /**
   * Fixed version in the channel that `reason` names; only beside fixState `other_channel`. A build that has reached it
   * is fixed, whichever channel it is from: ESM builds of Ubuntu 14.04 carry no mark (UBUNTU-CVE-2014-9913).
   */
  channelFix?: string;
  /** Minor release whose stream has the fix (RHEL 9.4 -> 4). */
  minor?: number;
  /**
   * Where the vendor says so: `INPUT#POINTER`, where INPUT is the id of an input in the manifest. `{package}`,
   * `{vulnerability}`, `{year}`, `{cve}` (id in lower case) and `{advisory}` (the claim's first one) are placeholders, so that
   * equal claims stay equal. A place in a list that grows is named by what the vendor calls it, never by its number: lists
   * grow at their beginning too, and every number after it would be a change.
   */
  evidence: string;
}

/** A vendor's statement about one vulnerability in one package of one platform. */
export interface Statement extends Claim {
  vulnerability: string;
  platform: string;
  package: string;
}

/** Returns the evidence of one vulnerability with its placeholders filled in (RFC 6901 escapes in the pointer part). */
export function expandEvidence(
  template: string,
  ids: { package: string; vulnerability: string; advisory?: string },
): string {
  return evidenceFor(template)(ids.package, ids.vulnerability, ids.advisory);
}

/** Fills in a template's placeholders; `advisory` is the first one of the claim. */
export type EvidenceWriter = (packageName: string, vulnerability: string, advisory?: string) => string;

/** The same for many packages and vulnerabilities: the template is split once. */
export function evidenceFor(template: string): EvidenceWriter {
  // Texts at even indexes, placeholders at odd ones.
  const pieces = template.split(/(\{(?:package|vulnerability|year|cve|advisory)\})/);
  return (packageName, vulnerability, advisory = '') => {
    let text = pieces[0]!;
    for (let at = 1; at < pieces.length; at += 2) {
      const placeholder = pieces[at];
      if (placeholder === '{vulnerability}') text += pointerToken(vulnerability);
      else if (placeholder === '{package}') text += pointerToken(packageName);
      else if (placeholder === '{advisory}') text += pointerToken(advisory);
      else if (placeholder === '{year}') text += yearOf(vulnerability);
      else text += vulnerability.toLowerCase();
      text += pieces[at + 1]!;
    }
    return text;
  };
}

function yearOf(vulnerability: string): string {
  const dash = vulnerability.indexOf('-') + 1;
  const end = vulnerability.indexOf('-', dash);
  return dash === 0 ? '' : vulnerability.slice(dash, end === -1 ? undefined : end);
}

function pointerToken(text: string): string {
  if (!text.includes('~') && !text.includes('/')) return text;
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** `INPUT#POINTER` in its two parts. */
export function splitEvidence(evidence: string): { input: string; pointer: string } {
  const hash = evidence.indexOf('#');
  return { input: evidence.slice(0, hash), pointer: evidence.slice(hash + 1) };
}
