import type { FastifyError, FastifyRequest } from 'fastify';
import { type ErrorCode, isScapfeedError, type ScapfeedError } from '../../model/error.ts';
import { type HttpProblem, refusal } from '../refusal.ts';

const statuses: Partial<Record<ErrorCode, number>> = {
  USAGE: 400,
  REQUEST_INVALID: 400,
  IMAGE_REFERENCE_INVALID: 400,
  IMAGE_LIMIT_EXCEEDED: 400,
  PACKAGE_DATABASE_MISSING: 400,
  TOKEN_MISSING: 401,
  TOKEN_REFUSED: 401,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  FEED_LOCKED: 409,
  REQUEST_TOO_LARGE: 413,
  REQUEST_UNSUPPORTED: 415,
  TOO_MANY_REQUESTS: 429,
  FEED_MISSING: 503,
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The response for an error. An unexpected error reveals nothing about this machine. */
export function problemOf(error: unknown): HttpProblem {
  const known = isScapfeedError(error) ? error : knownOf(error);
  const status = (known && statuses[known.code]) ?? 500;
  return {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    detail: known?.message ?? 'something went wrong here; the log of the server has details',
    code: known?.code ?? 'INTERNAL',
    ...(known?.where !== undefined && { where: known.where }),
    ...(known?.remedy !== undefined && { remedy: known.remedy }),
  };
}

/** Fastify's own refusals of a request. */
function knownOf(error: unknown): ScapfeedError | undefined {
  const { statusCode, code, message, validation } = error as Partial<FastifyError>;
  if (validation) return invalidRequest(validation, message);
  if (statusCode === 413)
    return refusal('REQUEST_TOO_LARGE', 'the body is larger than this route takes', 'send less at once');
  if (statusCode === 415)
    return refusal(
      'REQUEST_UNSUPPORTED',
      'expected a body of another type',
      'see /api/v1/openapi.json for what it takes',
    );
  if (statusCode === undefined || statusCode >= 500 || code === undefined) return undefined;
  return refusal('REQUEST_INVALID', message ?? 'the request cannot be read');
}

/** `querystring must NOT have additional properties: overdu`, with the place of what is allowed. */
function invalidRequest(
  [first]: readonly { params: Record<string, unknown> }[],
  message = 'the request has another form',
): ScapfeedError {
  const { additionalProperty, allowedValues } = first?.params ?? {};
  const found = typeof additionalProperty === 'string' ? `: ${additionalProperty.slice(0, 100)}` : '';
  const allowed = Array.isArray(allowedValues) ? `: ${allowedValues.join(', ')}` : '';
  return refusal(
    'REQUEST_INVALID',
    `${message}${found}${allowed}`,
    'see /api/v1/openapi.json for what it takes',
  );
}

/** True if a person with a browser asks: programs ask the API, and get what it describes. */
export function asksForPage({ headers, url }: Pick<FastifyRequest, 'headers' | 'url'>): boolean {
  return /\btext\/html\b/.test(headers.accept ?? '') && !url.startsWith('/api/');
}
