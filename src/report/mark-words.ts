import { fixesOnly, heldMark, unreadRecords } from '../model/feed/index.ts';

/** Marks of a platform in words for people; docs/verdicts.md has them all. */
const words: Readonly<Record<string, string>> = {
  given: 'by --platform',
  mapped: 'of another distribution, by --platform-map',
  runs_ahead: 'which is made from this one: newer builds may lack its fixes',
  languages_only: 'packages of languages alone: the distribution is not covered',
  mapped_beside: "with another platform's data where its own has no statement, by --platform-map",
  assumed_testing: 'testing or sid: testing is assumed',
  [fixesOnly]: 'its data has fixed flaws only',
  newest_updates_only: 'its vendor lists no update that a newer one has replaced',
  no_package_list: 'without a list of its packages',
  channel_absent: "without some of its vendor's channels",
  oval_absent: "without its vendor's OVAL: older advisories are incomplete",
  [unreadRecords]: "without some of the vendor's records, which could not be read",
  unsigned_input: 'made from data without a signature',
  unchecked_signatures: 'signatures of its data not checked',
  last_good_input: 'made from the last good data, because newer data was refused or not found',
  last_state: "made from the vendor's last data about this release",
  advisory_list_only: 'made from lists of advisories alone',
  release_end_of_life: 'past its end of life when the feed was built',
  layered_products_not_pulled: 'without data about layered products, which were not pulled',
};

/** A mark of a platform as text: `unsigned_input` is `made from data without a signature`. */
export function markWords(mark: string): string {
  if (mark.startsWith(heldMark)) return `newer data held back since ${mark.slice(heldMark.length)}`;
  const frozen = /^source_frozen_over_(\w+)_days$/.exec(mark);
  if (frozen) return `its source has had nothing new for longer than the usual ${frozen[1]} days`;
  return words[mark] ?? mark.replaceAll('_', ' ');
}
