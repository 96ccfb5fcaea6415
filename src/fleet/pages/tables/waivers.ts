import type { ListedWaiver, WaiverState } from '../../../model/fleet/index.ts';
import { integer, oneOf, orNull, type Schema, string, time } from '../../schemas.ts';
import { breakable, html, nothing } from '../html.ts';
import { vulnerabilityLink } from '../parts.ts';
import type { Column } from '../table.ts';

// The list of waivers: its columns on the page, in CSV and JSON, and its items in the API.

const stateKinds: Readonly<Record<WaiverState, string>> = {
  used: 'judged',
  unused: 'other',
  expired: 'stale',
  ended: 'other',
};

export const waiverColumns: readonly Column<ListedWaiver>[] = [
  { key: 'id', title: 'No.', value: ({ id }) => id, kind: 'number' },
  {
    key: 'about',
    title: 'About',
    value: ({ vulnerability, rule }) => vulnerability ?? rule,
    html: ({ vulnerability, rule, package: name }) =>
      html`${vulnerability === null ? breakable(rule ?? '') : vulnerabilityLink(vulnerability)}${name === null ? nothing : html`<small>in packages <code>${name}</code></small>`}`,
    kind: 'name',
  },
  { key: 'package', title: 'Package', value: (row) => row.package, isData: true },
  {
    key: 'image',
    title: 'Images',
    value: ({ image }) => image,
    html: ({ image, owner }) =>
      html`${image === null ? 'all' : html`<code>${breakable(image)}</code>`}${owner === null ? nothing : html`<small>of ${owner}</small>`}`,
    kind: 'name',
  },
  {
    key: 'state',
    title: 'State',
    value: ({ state }) => state,
    html: ({ state, ended: when, endedBy }) =>
      html`<span class="badge ${stateKinds[state]}">${state}</span>${when === null ? nothing : html`<small>by ${endedBy}, ${when.slice(0, 10)}</small>`}`,
  },
  { key: 'flaws', title: 'Puts aside', value: ({ flaws }) => flaws, kind: 'number' },
  { key: 'in_images', title: 'In images', value: ({ images }) => images, kind: 'number' },
  {
    key: 'until',
    title: 'Until',
    value: ({ until }) => until,
    html: ({ until }) => until ?? 'no end',
    kind: 'word',
  },
  {
    key: 'author',
    title: 'By',
    value: ({ author }) => author,
    html: ({ author, created }) => html`${author}<small>${created.slice(0, 10)}</small>`,
  },
  { key: 'owner', title: 'Owner', value: ({ owner }) => owner, isData: true },
  { key: 'created', title: 'Created', value: ({ created }) => created, isData: true },
  { key: 'ended_by', title: 'Ended by', value: ({ endedBy }) => endedBy, isData: true },
  { key: 'reason', title: 'Reason', value: ({ reason }) => reason },
];

/** JSON Schema of an item's members in the API, in their order. */
export const waiverMembers: Readonly<Record<keyof ListedWaiver, Schema>> = {
  ...{ id: integer, vulnerability: orNull(string), rule: orNull(string), package: orNull(string) },
  ...{
    image: orNull(string),
    owner: orNull(string),
    reason: string,
    until: orNull(string),
    author: string,
    created: time,
  },
  ...{ ended: orNull(time), endedBy: orNull(string), state: oneOf(['used', 'unused', 'expired', 'ended']) },
  flaws: { ...integer, description: 'flaws, or failing rules, that it puts aside' },
  images: { ...integer, description: 'watched images that have them' },
};
