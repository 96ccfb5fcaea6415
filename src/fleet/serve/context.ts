import type { Database } from '../store/database.ts';

/** What a caller may: read; also add, import and run; also forget and accept. Each may what the ones before it may. */
export const roles = ['read', 'write', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Who asks. */
export interface Caller {
  /** The token's name, the user's of a proxy, or `anyone` where reading is open. */
  name: string;
  role: Role;
  /** By the cookie of `/sign-in`, or by a header of a proxy: a browser, which another site could send here. */
  isBrowser: boolean;
}

/** What routes have: the store, and what this process can do. */
export interface ServeContext {
  database: Database;
  /** `scapfeed 1.2.3`. */
  tool: string;
  now(): Date;
  /** What goes wrong inside, for the person who watches. */
  warn(text: string): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where nobody needs to say who asks. */
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    /** What a caller must be allowed to; `none`: anybody may. Every route says it. */
    role?: Role | 'none';
  }
}
