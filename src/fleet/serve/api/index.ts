import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { RouteContext } from '../context.ts';
import { admissionRoutes } from './admission.ts';
import { auditRoutes } from './audit.ts';
import { changeRoutes } from './changes.ts';
import { flawRoutes } from './flaws.ts';
import { imageRoutes } from './images.ts';
import { runRoutes } from './runs.ts';
import { waiverRoutes } from './waivers.ts';

const prefix = '/api/v1';

/** The API, and its description as OpenAPI, which is made of the schemas that its routes are checked by. */
export async function apiRoutes(app: FastifyInstance, context: RouteContext): Promise<void> {
  // The schemas describe answers, and a test holds them to that; nothing is left out of an answer because a schema lacks it.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'scapfeed fleet',
        version: context.tool.replace(/^scapfeed /, ''),
        description: 'The images and hosts of a fleet, what is known of them, and what changed.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      security: [{ token: [] }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'made by `scapfeed fleet token add`' },
        },
      },
    },
  });
  await app.register(
    async (scope) => {
      scope.get('/openapi.json', { config: { role: 'none' }, schema: { hide: true } }, async () =>
        app.swagger(),
      );
      for (const routes of [
        imageRoutes,
        flawRoutes,
        runRoutes,
        changeRoutes,
        waiverRoutes,
        auditRoutes,
        admissionRoutes,
      ])
        await scope.register((each) => routes(each, context));
    },
    { prefix },
  );
}
