import type { VulnerabilityDescription } from '../described.ts';
import type { FleetView } from '../view/fleet-view.ts';
import type { Html } from './html.ts';
import type { PageRequest } from './request.ts';
import type { Table } from './table.ts';

/** A page of the navigation. */
export type PageSection =
  | 'overview'
  | 'images'
  | 'vulnerabilities'
  | 'packages'
  | 'profiles'
  | 'news'
  | 'feed'
  | 'waivers'
  | 'search';

export interface Page {
  title: string;
  section: PageSection;
  /** 404: nothing is kept under this name. */
  status?: 404;
  /** Above the first table, from the heading on. */
  body: Html;
  /** The first one is what CSV and JSON give unless the address names another. */
  tables: readonly Table[];
  /** It places its tables itself. */
  placesTables?: true;
}

/** A request, and the data to answer it. */
export interface ViewRequest {
  request: PageRequest;
  view: FleetView;
  now: Date;
  /** The current feed's facts about a vulnerability. Undefined: there is no feed. */
  described(vulnerability: string): Promise<VulnerabilityDescription | undefined>;
}

export type PageMaker = (asked: ViewRequest, name: string) => Promise<Page | { redirect: string }>;

/** An answer to a request. */
export interface PageAnswer {
  status: number;
  type: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}
