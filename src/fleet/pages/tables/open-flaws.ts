import { type Severity, severities } from '../../../model/feed/index.ts';
import { boolean, integer, list, oneOf, type Schema, severity, string } from '../../schemas.ts';
import type { Holders } from '../../view/holders.ts';
import type { GroupedVerdict } from '../../view/open-by.ts';
import type { OpenVulnerability, SourceUpgrade } from '../../view/open-flaws.ts';
import { shares } from '../../view/waived-shares.ts';
import { severityColumn, vulnerabilityColumns } from '../columns.ts';
import {
  exploitedFilter,
  fixFilter,
  type ListFilter,
  nameParameter,
  severityFilter,
  wordFilter,
} from '../filters.ts';
import { html } from '../html.ts';
import { exploitedBadge, packageLink, severityWord } from '../parts.ts';
import type { Column } from '../table.ts';

// The lists of open flaws, by vulnerability and by source package: their columns on pages, in CSV and JSON, their items in the API,
// and the filters of both.

const rankOf = ({ severity }: { severity: string }) => severities.indexOf(severity as Severity);

/** `shown`: the number of names of packages that a page shows. */
export function sourcesColumn(shown: number): Column<OpenVulnerability> {
  return {
    ...{ key: 'packages', title: 'Packages' },
    value: ({ sources }) => sources.join(' '),
    html: ({ sources }) => html`${sources.slice(0, shown).map((source) => html`${packageLink(source)} `)}`,
  };
}

export function holdersColumn(holders: Holders): Column<OpenVulnerability> {
  return {
    ...{ key: 'images', title: 'Images', kind: 'number' },
    value: ({ packages }) => holders.count(packages),
  };
}

export function openVulnerabilityColumns(holders: Holders): Column<OpenVulnerability>[] {
  const sources = sourcesColumn(3);
  return [
    severityColumn((row) => row, 'Worst'),
    ...vulnerabilityColumns<OpenVulnerability>((row) => row),
    {
      ...sources,
      html: (row) =>
        html`${sources.html!(row)}${row.sources.length > 3 ? `and ${row.sources.length - 3} more` : ''}`,
    },
    holdersColumn(holders),
    { key: 'fix', title: 'Fix', value: fixText, kind: 'word' },
  ];
}

function fixText({ fixable, packages }: OpenVulnerability): string {
  if (fixable === 0) return 'none to install';
  return fixable === packages.length ? 'to install' : 'for some builds';
}

export const vulnerabilityFilters: readonly ListFilter<OpenVulnerability>[] = [
  wordFilter('Search by id or package', ({ vulnerability, sources }) => [vulnerability, ...sources]),
  severityFilter('', rankOf),
  exploitedFilter(({ exploited }) => exploited),
  fixFilter(({ fixable }) => fixable > 0),
];

export const upgradeColumns: readonly Column<SourceUpgrade>[] = [
  {
    ...{ key: 'source', title: 'Source package', kind: 'name' },
    value: ({ source }) => source,
    html: ({ source }) => packageLink(source),
  },
  {
    ...{ key: 'severity', title: 'Worst', kind: 'word' },
    value: (row) => row.severity,
    html: (row) => html`${severityWord(row.severity)} ${row.exploited ? exploitedBadge : ''}`,
  },
  { key: 'exploited', title: 'Exploited', value: ({ exploited }) => exploited, isData: true },
  { key: 'flaws', title: 'Flaws go', value: ({ flaws }) => flaws, kind: 'number' },
  { key: 'images', title: 'In images', value: ({ images }) => images, kind: 'number' },
];

export const upgradeFilters: readonly ListFilter<SourceUpgrade>[] = [
  wordFilter('Search by source package', ({ source }) => [source]),
  severityFilter('', rankOf),
];

/** The API's filters of a list by id. */
export const groupFilters: readonly ListFilter<string>[] = [nameParameter((id) => id)];

/** The API's filters of what a group lists and counts: a group has the verdicts that pass. */
export const verdictFilters: readonly ListFilter<GroupedVerdict>[] = [
  severityFilter('this severity or worse', ({ rank }) => rank),
  exploitedFilter(({ exploited }) => exploited),
];

const groupMembers: Readonly<Record<string, Schema>> = {
  id: string,
  severity: { ...severity, description: 'the worst' },
  exploited: boolean,
  fixable: { ...integer, description: 'installed builds with a fix' },
  installed: { ...integer, description: 'installed builds that have it' },
  waived: { ...oneOf(shares), description: 'in how many of the images that have it somebody accepted it' },
};

/** A list of the API by what its groups are of. */
export interface FlawList {
  /** Its address, without the slash, and its tag. */
  name: 'vulnerabilities' | 'packages';
  by: 'vulnerability' | 'source';
  /** The member that names what the groups are not by. */
  others: 'packages' | 'vulnerabilities';
  summary: string;
  /** Summary of the route of one group. */
  one: string;
  /** JSON Schema of an item's members. */
  members: Readonly<Record<string, Schema>>;
}

export const flawLists: readonly FlawList[] = [
  {
    ...{ name: 'vulnerabilities', by: 'vulnerability', others: 'packages' },
    summary: 'Vulnerabilities with open flaws in watched images',
    one: 'Who has it, and where it is fixed',
    members: { ...groupMembers, packages: list(string) },
  },
  {
    ...{ name: 'packages', by: 'source', others: 'vulnerabilities' },
    summary: 'Source packages with open flaws in watched images',
    one: 'Its flaws, and the images that have them',
    members: { ...groupMembers, vulnerabilities: list(string) },
  },
];
