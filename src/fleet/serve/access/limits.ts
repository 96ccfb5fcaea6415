import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusal } from '../../refusal.ts';
import { isLoopback } from './rules.ts';

/** Wrong tokens of one address in a minute. */
const mostGuesses = 10;
const minute = 60_000;
/** Addresses that are remembered at once. */
const remembered = 10_000;

export interface RequestLimits {
  /** @throws TOO_MANY_REQUESTS */
  count(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /**
   * Whoever guessed too often waits; others who share the address do not, if `isKnown` finds their token. @throws TOO_MANY_REQUESTS
   */
  requireFewGuesses(
    request: FastifyRequest,
    reply: FastifyReply,
    isKnown: () => Promise<boolean>,
  ): Promise<void>;
  countGuess(request: FastifyRequest): Promise<void>;
}

/** `perMinute`: requests of one address; those of this machine are not counted. */
export async function requestLimits(app: FastifyInstance, perMinute: number): Promise<RequestLimits> {
  await app.register(rateLimit, { global: false, cache: remembered });
  const all = app.createRateLimit({ max: perMinute, timeWindow: minute });
  const guesses = app.createRateLimit({ max: mostGuesses, timeWindow: minute });
  const refuse = (reply: FastifyReply, ttl: number, message: string) => {
    reply.header('retry-after', String(Math.max(1, Math.ceil(ttl / 1000))));
    return refusal('TOO_MANY_REQUESTS', message, 'wait as long as the header retry-after says');
  };
  return {
    async count(request, reply) {
      if (isLoopback(request.ip)) return;
      const limit = await all(request);
      if (!limit.isAllowed && limit.isExceeded)
        throw refuse(reply, limit.ttl, `more than ${perMinute} requests in a minute from this address`);
    },
    async requireFewGuesses(request, reply, isKnown) {
      const limit = await guesses(request, { increment: false });
      if (!limit.isAllowed && limit.remaining <= 0 && !(await isKnown()))
        throw refuse(reply, limit.ttl, `more than ${mostGuesses} wrong tokens in a minute from this address`);
    },
    async countGuess(request) {
      await guesses(request);
    },
  };
}
