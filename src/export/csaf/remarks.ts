import { type Severity, vendorWord } from '../../model/feed/index.ts';
import type { CsafLayout } from '../rows/csaf-layout.ts';
import type { AdvisoryTexts } from './advisory-texts.ts';
import type { ClaimContent } from './components.ts';
import { quote } from './json-text.ts';
import type { List } from './product-lists.ts';

/** A document's statements about products besides their lists: members of objects that get the ids of all products concerned. */
export interface Remarks {
  flag?: string;
  threat?: string;
  remediations: readonly string[];
}

export function remarksOf(
  content: ClaimContent,
  list: List,
  layout: CsafLayout,
  advisories: AdvisoryTexts,
): Remarks {
  const remediations = remediationsOf(content, list, advisories);
  if (list === 'known_not_affected') return { ...whyNotAffected(content), remediations };
  const threat = severity(content, layout);
  return { ...(threat === undefined ? {} : { threat }), remediations };
}

/** Justifications of CSAF (3.2.3.5.1); another reason is an impact statement in words. */
const labels: ReadonlySet<string> = new Set([
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
]);

function whyNotAffected({ reason }: ClaimContent): Pick<Remarks, 'flag' | 'threat'> {
  if (reason !== undefined && labels.has(reason)) return { flag: `"label":${quote(reason)}` };
  return { threat: impact(reason ? words(reason) : 'Not affected') };
}

function severity(content: ClaimContent, { severityWords }: CsafLayout): string | undefined {
  const word: Severity = vendorWord({
    severity: content.severity ?? 'unknown',
    ...(content.suppressed && { suppressed: content.suppressed }),
  });
  return word === 'unknown' ? undefined : impact(severityWords?.[word] ?? content.suppressed ?? word);
}

function impact(details: string): string {
  return `"category":"impact","details":${quote(details)}`;
}

/** Categories of CSAF, and the words of the vendor that has published most of such documents. */
const withoutFix = {
  none_yet: ['none_available', 'Affected'],
  fix_deferred: ['none_available', 'Fix deferred'],
  will_not_fix: ['no_fix_planned', 'Will not fix'],
  end_of_life: ['no_fix_planned', 'Out of support scope'],
} as const;

/** One for each advisory of a fix, or one that says why there is none. */
function remediationsOf(content: ClaimContent, list: List, texts: AdvisoryTexts): string[] {
  if (content.status !== 'fixed') return list === 'known_affected' ? [unfixed(content)] : [];
  const details = `Fixed in ${content.fixed}`;
  const { advisories = [] } = content;
  if (advisories.length === 0) return [vendorFix(details)];
  return advisories.map((id) => `${vendorFix(`${details} (${id})`)}${texts.of(id)}`);
}

function unfixed({ fixState = 'none_yet', reason, channelFix }: ClaimContent): string {
  if (fixState === 'other_channel') {
    const where = reason === undefined ? 'another channel' : reason;
    return vendorFix(`Fixed${channelFix === undefined ? '' : ` in ${channelFix}`} by ${where}`);
  }
  const [category, text] = withoutFix[fixState];
  const more =
    reason === undefined || (fixState === 'end_of_life' && reason === 'package') ? '' : `: ${words(reason)}`;
  return `"category":"${category}","details":${quote(`${text}${more}`)}`;
}

function vendorFix(details: string): string {
  return `"category":"vendor_fix","details":${quote(details)}`;
}

function words(reason: string): string {
  return reason.replaceAll('_', ' ');
}
