import { hash } from 'node:crypto';
import type { OwnersSeen } from '../../model/fleet/index.ts';
import { describedBy, type FeedOpener } from '../described.ts';
import { refusal } from '../refusal.ts';
import type { FleetView, Views } from '../view/fleet-view.ts';
import { documentOf } from './layout.ts';
import type { Page, PageAnswer, PageMaker } from './page.ts';
import { choiceParameter, type PageFormat, type PageRequest } from './request.ts';

export interface PageContext {
  views: Views;
  tool: string;
  now(): Date;
  openFeed: FeedOpener;
}

/** A request: the address after the host, and the encodings that the sender accepts. */
export interface SentRequest {
  url: string;
  accept?: string | undefined;
  /** By a cookie, which a person can give back. */
  isSignedIn?: boolean;
  mayWaive?: boolean;
  /** Owners of the images to show. */
  seen: OwnersSeen;
}

/** Answers requests of pages, without knowing what server it is in. */
export class PageAnswers {
  readonly #context: PageContext;
  readonly #kept = new KeptAnswers();

  constructor(context: PageContext) {
    this.#context = context;
  }

  /** `name`: what the address names, decoded. */
  async answer(sent: SentRequest, make: PageMaker, name = ''): Promise<PageAnswer> {
    const request = pageRequest(sent);
    const view = (await this.#context.views.current()).of(sent.seen);
    const now = this.#context.now();
    // Ages are in days: an hour does not matter to them.
    const key = JSON.stringify([
      request.format,
      request.isSignedIn,
      request.mayWaive,
      sent.url,
      Math.floor(now.getTime() / 3_600_000),
    ]);
    const known = this.#kept.find(view, key);
    if (known) return known;
    const answer = withTag(await this.#made(request, view, now, make, name));
    this.#kept.keep(view, key, answer);
    return answer;
  }

  async #made(
    request: PageRequest,
    view: FleetView,
    now: Date,
    make: PageMaker,
    name: string,
  ): Promise<PageAnswer> {
    const described = (id: string) => describedBy(this.#context.openFeed, id);
    const made = await make({ request, view, now, described }, name);
    if ('redirect' in made)
      return {
        status: 303,
        type: 'text/plain; charset=utf-8',
        headers: { location: made.redirect },
        body: '',
      };
    if (request.format !== 'html') return tableAnswer(made, request);
    const { tool } = this.#context;
    const body = await documentOf(made, request, view, { tool, now, isSignedIn: request.isSignedIn });
    return { status: made.status ?? 200, type: 'text/html; charset=utf-8', headers: varied, body };
  }
}

/** A browser that has the answer already is not sent it again. */
function withTag(answer: PageAnswer): PageAnswer {
  if (answer.status !== 200) return answer;
  return { ...answer, headers: { ...answer.headers, etag: `"${hash('sha256', answer.body).slice(0, 32)}"` } };
}

const varied = { vary: 'accept, cookie' };

function tableAnswer(page: Page, request: PageRequest): PageAnswer {
  const { format } = request;
  if (page.tables.length === 0) throw refusal('NOT_FOUND', 'there is no table at this address');
  const wanted = choiceParameter(request, 'table', ['', ...page.tables.map(({ name }) => name)]);
  const found = page.tables.find(({ name }) => name === wanted) ?? page.tables[0]!;
  const status = page.status ?? 200;
  if (format === 'json')
    return {
      status,
      type: 'application/json; charset=utf-8',
      headers: varied,
      body: `${JSON.stringify(found.json(), null, 1)}\n`,
    };
  const headers = { ...varied, 'content-disposition': `inline; filename="fleet-${found.name}.csv"` };
  return { status, type: 'text/csv; charset=utf-8; header=present', headers, body: found.csv() };
}

function pageRequest({ url, accept, isSignedIn = false, mayWaive = false }: SentRequest): PageRequest {
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
  const wanted = choiceParameter({ query }, 'format', ['', 'html', 'csv', 'json']);
  return { path, query, format: wanted || accepted(accept), isSignedIn, mayWaive };
}

/** Browsers take HTML before all others; who takes anything gets a page. */
function accepted(accept = ''): PageFormat {
  const types = accept.split(',').map((part) => part.split(';')[0]!.trim().toLowerCase());
  const known: Readonly<Record<string, PageFormat>> = {
    'text/html': 'html',
    'application/xhtml+xml': 'html',
    'text/csv': 'csv',
    'application/json': 'json',
  };
  return types.map((type) => known[type]).find((format) => format !== undefined) ?? 'html';
}

/** Limits on what is kept for one view: characters in all, those of addresses too, and of one answer. */
const most = 4_000_000;
const largest = 500_000;

/**
 * Answers that were made of a view: the same address has the same answer until the store changes. Those that were
 * asked for longest ago go first.
 */
export class KeptAnswers {
  #view: FleetView | undefined;
  readonly #answers = new Map<string, PageAnswer>();
  #size = 0;

  find(view: FleetView, key: string): PageAnswer | undefined {
    if (view !== this.#view) return undefined;
    const known = this.#answers.get(key);
    if (!known) return undefined;
    this.#answers.delete(key);
    this.#answers.set(key, known);
    return known;
  }

  keep(view: FleetView, key: string, answer: PageAnswer): void {
    if (view !== this.#view) {
      this.#view = view;
      this.#answers.clear();
      this.#size = 0;
    }
    if (answer.body.length > largest || this.#answers.has(key)) return;
    this.#answers.set(key, answer);
    this.#size += key.length + answer.body.length;
    for (const [oldest, { body }] of this.#answers) {
      if (this.#size <= most) break;
      this.#answers.delete(oldest);
      this.#size -= oldest.length + body.length;
    }
  }
}
