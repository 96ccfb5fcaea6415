import type { FleetView, ViewedName } from '../view/fleet-view.ts';
import { addresses } from './addresses.ts';
import { html, nothing } from './html.ts';
import { imageLink, severityWord, shortDigest, vulnerabilityLink } from './parts.ts';
import { resultBadge } from './rule-parts.ts';
import type { Column } from './table.ts';
import { day } from './words.ts';

// Columns that several tables have: the same name in CSV and JSON, the same look on each page.

export function severityColumn<Row>(
  of: (row: Row) => { severity: string | null },
  title = 'Severity',
): Column<Row> {
  return {
    ...{ key: 'severity', title, kind: 'word' },
    value: (row) => of(row).severity,
    html: (row) => (of(row).severity === null ? nothing : severityWord(of(row).severity!)),
  };
}

/** `isExploited`: whether it has a mark. Absent: a table of exploited ones needs none. */
export function vulnerabilityColumn<Row>(
  of: (row: Row) => string,
  isExploited: (row: Row) => boolean = () => false,
): Column<Row> {
  return {
    ...{ key: 'vulnerability', title: 'Vulnerability', kind: 'word' },
    value: of,
    html: (row) => vulnerabilityLink(of(row), isExploited(row)),
  };
}

/** A vulnerability, with whether it is known to be exploited. */
export function vulnerabilityColumns<Row>(
  of: (row: Row) => { vulnerability: string; exploited: boolean },
): Column<Row>[] {
  const isExploited = (row: Row) => of(row).exploited;
  return [
    vulnerabilityColumn((row) => of(row).vulnerability, isExploited),
    { key: 'exploited', title: 'Exploited', value: isExploited, isData: true },
  ];
}

/** The run since which it is so. */
export function sinceColumn<Row extends { since: Date }>(): Column<Row> {
  return {
    ...{ key: 'since', title: 'So since', kind: 'word' },
    value: ({ since }) => since.toISOString(),
    html: ({ since }) => html`<span class="date">${day(since)}</span>`,
  };
}

/** Since when the fix of a flaw can be installed, since when the flaw is known, and by when it must be mended. */
export function flawTimeColumns<Row>(
  of: (row: Row) => { fix_since: Date | null; first_seen: Date | null; due: string | null; overdue: boolean },
): Column<Row>[] {
  return [
    {
      ...{ key: 'fix_since', title: 'Fix installable since', kind: 'word' },
      value: (row) => of(row).fix_since?.toISOString() ?? null,
      html: (row) => dateCell(of(row).fix_since),
    },
    {
      ...{ key: 'first_seen', title: 'First seen', kind: 'word' },
      value: (row) => of(row).first_seen?.toISOString() ?? null,
      html: (row) => dateCell(of(row).first_seen),
    },
    {
      ...{ key: 'due', title: 'Due', kind: 'word' },
      value: (row) => of(row).due,
      html: (row) => dueCell(of(row)),
    },
    { key: 'overdue', title: 'Overdue', value: (row) => of(row).overdue, isData: true },
  ];
}

function dateCell(date: Date | null) {
  return date === null ? nothing : html`<span class="date">${day(date)}</span>`;
}

/** A last day by the SLA; one that is over says so. */
export function dueCell({ due, overdue }: { due: string | null; overdue: boolean }) {
  if (due === null) return nothing;
  return html`<span class="date">${due}</span>${overdue ? html`<small class="why">overdue</small>` : nothing}`;
}

/** A name with the digest that it stands for. */
export function nameColumns<Row>(of: (row: Row) => ViewedName): Column<Row>[] {
  return [
    {
      ...{ key: 'image', title: 'Image', kind: 'name', isSortable: true },
      value: (row) => of(row).reference,
      html: (row) => {
        const name = of(row);
        return html`${imageLink(name)}${name.digest === null ? nothing : html`<small>${shortDigest(name.digest)}</small>`}`;
      },
    },
    { key: 'digest', title: 'Digest', value: (row) => of(row).digest, isData: true },
  ];
}

/** Without a policy or a comparison, signatures, bases, owners and days of the SLA are in CSV and JSON alone, where nothing comes and goes. */
export async function usedColumns<Row>(
  view: FleetView,
  columns: readonly Column<Row>[],
): Promise<Column<Row>[]> {
  const unused = [
    ...((await view.asksForSignatures()) ? [] : ['signed']),
    ...((await view.comparesBases()) ? [] : ['base']),
    ...((await view.owners()).length > 0 ? [] : ['owners']),
    ...((await view.sla()) ? [] : ['due', 'overdue']),
  ];
  return columns.map((column) => (unused.includes(column.key) ? { ...column, isData: true } : column));
}

export function resultColumn<Row extends { result: string }>(): Column<Row> {
  return {
    ...{ key: 'result', title: 'Result', kind: 'word' },
    value: ({ result }) => result,
    html: ({ result }) => resultBadge(result),
  };
}

/** A rule with its id. `address`: where its title leads. */
export function ruleColumns<Row extends { rule: string; title: string }>(
  address?: (row: Row) => string,
): Column<Row>[] {
  return [
    {
      ...{ key: 'title', title: 'Rule', kind: 'name' },
      value: ({ title }) => title,
      html: (row) =>
        html`${address ? html`<a href="${address(row)}">${row.title}</a>` : row.title}<small>${row.rule}</small>`,
    },
    { key: 'rule', title: 'Id', value: ({ rule }) => rule, isData: true },
  ];
}

export function profileColumn<Row extends { profile: string }>(kind: 'name' | 'word' = 'name'): Column<Row> {
  return {
    ...{ key: 'profile', title: 'Profile', kind },
    value: ({ profile }) => profile,
    html: ({ profile }) => html`<a href="${addresses.profile(profile)}">${profile}</a>`,
  };
}

/** A score from 0 to 100. A dash is not a zero. */
export function scoreColumn<Row>(
  of: (row: Row) => number | null,
  { key, title } = { key: 'score', title: 'Score' },
): Column<Row> {
  return {
    ...{ key, title, kind: 'number' },
    value: of,
    html: (row) => of(row)?.toFixed(1) ?? '–',
  };
}

/** Why there is no result. */
export function notEvaluatedColumn<
  Row extends { code: string | null; message: string | null },
>(): Column<Row> {
  const value = ({ code, message }: Row) => (code === null ? null : `${code}: ${message}`);
  return { key: 'error', title: 'Not evaluated because', value, html: (row) => value(row) ?? nothing };
}
