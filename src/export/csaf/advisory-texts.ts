import type { Feed } from '../../feed/read/feed.ts';
import type { CsafLayout } from '../rows/csaf-layout.ts';
import { quote } from './json-text.ts';
import { isWebAddress } from './web-address.ts';

/** Advisories are asked for again and again, by the packages and vulnerabilities that they fix. */
const mostKept = 20_000;

/** When advisories were published, and where: members behind others of a JSON object. */
export class AdvisoryTexts {
  readonly #feed: Feed;
  readonly #layout: CsafLayout;
  readonly #texts = new Map<string, string>();

  constructor(feed: Feed, layout: CsafLayout) {
    this.#feed = feed;
    this.#layout = layout;
  }

  of(id: string): string {
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    if (this.#texts.size === mostKept) this.#texts.clear();
    const made = this.#make(id);
    this.#texts.set(id, made);
    return made;
  }

  #make(id: string): string {
    const { date, url } = this.#feed.advisory(id) ?? {};
    const page = this.#layout.pages.advisories[id.split('-')[0]!];
    const address =
      url ?? (page === undefined ? undefined : `${page}${encodeURIComponent(id).replaceAll('%3A', ':')}`);
    const day =
      date === undefined || !isDay(date) ? '' : `,"date":${quote(`${date.slice(0, 10)}T00:00:00Z`)}`;
    return `${day}${address !== undefined && isWebAddress(address) ? `,"url":${quote(address)}` : ''}`;
  }
}

function isDay(date: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(date) && !Number.isNaN(Date.parse(date.slice(0, 10)));
}
