import type { FastifyInstance } from 'fastify';

/** Pages take scripts, styles and images from this server alone, and nothing that stands in a page is a program. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer, errors included. */
export function addSecurityHeaders(app: FastifyInstance, isSecure: boolean): void {
  const headers = securityHeaders(isSecure);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
}

export function securityHeaders(isSecure: boolean): Record<string, string> {
  return {
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Other sites get no referrer. With `no-referrer`, this site's own forms would have the origin null, and sign-in could not
    // recognise them.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Caches between server and browser must not keep data of the fleet.
    'cache-control': 'private, no-cache',
    ...(isSecure && { 'strict-transport-security': 'max-age=31536000' }),
  };
}
