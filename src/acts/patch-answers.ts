import type { RuleAnswer } from '../comply/index.ts';
import { countedFlaws, dataDay, isFixable, type ScanResult } from '../model/index.ts';
import { plural } from '../report/text-table.ts';

/**
 * The rule "Ensure Software Patches Installed" of the SCAP Security Guide. Its check is a vendor's OVAL that content names by
 * its address, or a question to a person.
 */
const softwarePatches = 'xccdf_org.ssgproject.content_rule_security_patches_up_to_date';

/**
 * What a scan of the image knows of rules, by their id. It is all that the vendor states: what is hidden or put aside counts,
 * because an accepted risk is not an installed patch.
 */
export function patchAnswers({
  platform,
  verdicts,
  judged,
  gaps,
}: ScanResult): ReadonlyMap<string, RuleAnswer> {
  const flaws = countedFlaws(verdicts.filter(({ status }) => status === 'affected'));
  const fixable = flaws.filter(isFixable).length;
  // Which ratings a gate asks for says nothing about patches.
  const unknown = gaps
    .filter(({ code }) => code !== 'unrated_flaws')
    .map(({ code, detail }) => `${code.replaceAll('_', ' ')}: ${detail}`);
  const counts = [
    `${plural(fixable, 'flaw')} with a fix to install`,
    `${flaws.length - fixable} without`,
    `${plural(judged, 'package')} judged`,
  ];
  const source = `by the feed for ${platform.id}, data of ${dataDay(platform.updated)}`;
  const result = fixable > 0 ? 'fail' : unknown.length > 0 ? 'unknown' : 'pass';
  const message = [`${counts.join(', ')}, ${source}`, ...unknown].join('; ');
  return new Map([[softwarePatches, { result, message }]]);
}
