import type { RuleAnswer } from '../../comply/index.ts';
import { dataDay } from '../../model/data-date.ts';
import { countedFlaws, isFixable, type ScanResult } from '../../model/verdict/index.ts';
import { plural } from '../../report/text-table.ts';

/**
 * The rule "Ensure Software Patches Installed" of the SCAP Security Guide. Its check is a vendor's OVAL that content names by
 * its address, or a question to a person.
 */
const softwarePatches = 'xccdf_org.ssgproject.content_rule_security_patches_up_to_date';

/**
 * Answers to rules from a scan of the image, by the rules' ids. They cover all statements of the vendor: hidden and accepted
 * flaws count, because an accepted risk is not an installed patch.
 */
export function patchAnswers({
  platform,
  verdicts,
  judged,
  gaps,
}: ScanResult): ReadonlyMap<string, RuleAnswer> {
  const flaws = countedFlaws(verdicts.filter(({ status }) => status === 'affected'));
  const fixable = flaws.filter(isFixable).length;
  // The ratings that a gate needs do not concern patches.
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
