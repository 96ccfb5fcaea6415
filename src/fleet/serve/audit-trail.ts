import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditedAct } from '../../model/fleet/index.ts';
import { recordActs } from '../store/audit.ts';
import type { ServeContext } from './context.ts';

const hour = 3_600_000;

/** Milliseconds for which reads wait to be written together: while nothing is written, views of the store hold. */
const waiting = 10_000;

/** Reads that wait at most, and that are remembered in an hour. */
const mostWaiting = 500;
const mostRemembered = 20_000;

/** Records what callers did, read and were refused. Requests without an identity are not recorded. */
export function addAuditTrail(app: FastifyInstance, context: ServeContext): void {
  const trail = new AuditTrail(context);
  app.decorateRequest('subject', undefined);
  app.addHook('onSend', async (request, reply, payload) => {
    await trail.note(request, reply.statusCode);
    return payload;
  });
  app.addHook('onClose', () => trail.flush());
}

class AuditTrail {
  readonly #context: ServeContext;
  #waiting: AuditedAct[] = [];
  /** Reads that were recorded in this hour: repeated ones are one row. */
  readonly #seen = new Set<string>();
  #hour = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ServeContext) {
    this.#context = context;
  }

  async note(request: FastifyRequest, status: number): Promise<void> {
    const { caller, method } = request;
    if (!caller) return;
    const { audit } = request.routeOptions.config;
    const isRead = method === 'GET' || method === 'HEAD' || audit === 'read';
    const act = `${method === 'HEAD' ? 'GET' : method} ${addressOf(request)}`;
    if (status === 403) this.#later({ actor: caller.name, kind: 'refused', act });
    else if (status < 400 && isRead) this.#later({ actor: caller.name, kind: 'read', act });
    else if (status < 400 && audit !== 'store')
      await this.#write([{ actor: caller.name, kind: 'change', act }]);
  }

  #later(act: AuditedAct): void {
    const now = Math.floor(this.#context.now().getTime() / hour);
    if (now !== this.#hour || this.#seen.size >= mostRemembered) this.#seen.clear();
    this.#hour = now;
    const key = JSON.stringify(act);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#waiting.push(act);
    if (this.#waiting.length >= mostWaiting) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), waiting).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const acts = this.#waiting;
    this.#waiting = [];
    await this.#write(acts);
  }

  /** The change is done: a failure to record it is reported to the operator. */
  async #write(acts: readonly AuditedAct[]): Promise<void> {
    try {
      await recordActs(this.#context.database, acts, this.#context.now());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#context.warn(`${acts.length} rows of the audit log were not written: ${reason}`);
    }
  }
}

/** Without parameters, which may hold anything, and with what the route says that it was about. */
function addressOf({ url, subject }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1);
  return subject === undefined ? path : `${path}: ${subject}`;
}
