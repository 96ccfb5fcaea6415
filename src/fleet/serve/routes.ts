import type { FastifyInstance } from 'fastify';
import { apiRoutes } from './api/index.ts';
import type { RouteContext } from './context.ts';
import { harborRoutes } from './harbor/routes.ts';
import { healthRoutes } from './health.ts';
import { metricsRoutes } from './metrics.ts';
import { pageRoutes } from './page-routes.ts';

export type Routes = (app: FastifyInstance, context: RouteContext) => Promise<void>;

/** Everything that is served, each in a scope of its own: hooks and handlers of errors of one do not touch the others. */
export const allRoutes: readonly Routes[] = [
  healthRoutes,
  metricsRoutes,
  apiRoutes,
  harborRoutes,
  pageRoutes,
];
