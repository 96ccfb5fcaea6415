import type { OwnersSeen } from '../../model/fleet/index.ts';
import type { FeedOpener } from '../described.ts';
import type { Database } from '../store/database.ts';
import type { AccessRole, TokenRole } from '../store/tokens.ts';
import type { Views } from '../view/fleet-view.ts';
import type { HarborContext } from './harbor/scans.ts';

/** The identity that a request comes from. */
export interface Caller {
  /** The token's name, the user's of a proxy, or `anyone` where reading is open. */
  name: string;
  role: TokenRole;
  /** Of the role `send`: a glob of the names whose inventories it sends. */
  names?: string;
  /** Owners of the images that it sees: the role `team` sees those of its owners, the role `send` none. */
  seen: OwnersSeen;
  /** By the cookie of `/sign-in`, or by a header of a proxy: a browser, which another site could send here. */
  isBrowser: boolean;
  /** By the cookie of `/sign-in`: it can sign out. */
  hasSession?: true;
}

/** The context of routes: the store, and the functions of this process. */
export interface ServeContext {
  database: Database;
  /** `scapfeed 1.2.3`. */
  tool: string;
  now(): Date;
  /**
   * Resolves a place that a caller named to one that this machine may read on the caller's behalf. @throws
   * IMAGE_REFERENCE_INVALID
   */
  requirePlace(kind: 'image' | 'registry', place: string): Promise<string>;
  runs: Runs;
  /** For what a feed has on a vulnerability besides verdicts. It does not pull. */
  openFeed: FeedOpener;
  /** Milliseconds after which a platform's data is called old; absent: never. */
  maxAge?: number;
  /** Absent: Harbor's API is not served. */
  harbor?: HarborContext;
  /** Reports an internal failure to the operator. */
  warn(text: string): void;
}

/** The context of routes with the shared views. */
export interface RouteContext extends ServeContext {
  /** The data of lists, one for all routes. */
  views: Views;
}

/** The runs that this process does. */
export interface Runs {
  /** Begins one, and returns its number. @throws FEED_LOCKED: one is at work; FEED_MISSING and other errors of a feed */
  start(): Promise<number>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined if the route needs no identity. */
    caller: Caller | undefined;
    /** The subject of a change, for the audit log: a name, the number of a run. */
    subject: string | undefined;
  }
  interface FastifyContextConfig {
    /** The role that a caller needs; `none`: anybody may call. Every route declares it. */
    role?: AccessRole | 'none';
    /** A caller of the role `send` may ask for it too; the route looks at the names. */
    takesSent?: true;
    /** A caller of the role `team` may ask for it too; the route shows and changes the part of its owners only. */
    takesTeam?: true;
    /** In the audit log: `store`: the store records the change itself; `read`: a request that changes nothing, whatever its method. */
    audit?: 'store' | 'read';
    /** Tokens are accepted in each of the ways in which Harbor sends them. */
    takesHarbor?: true;
  }
}
