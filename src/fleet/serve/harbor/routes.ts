import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseForeignJson } from '../../../io/foreign-json.ts';
import { unpackedText } from '../../packing.ts';
import {
  type HarborReportKind,
  type HarborScan,
  harborReportOf,
  harborScan,
  serverEnded,
} from '../../store/harbor.ts';
import type { RouteContext } from '../context.ts';
import { problemOf } from '../problem.ts';
import {
  acceptedReport,
  errorType,
  manifestTypes,
  metadataType,
  responseType,
  sbomMedia,
  sbomType,
  vulnerabilityType,
} from './media-types.ts';
import { HarborRefusal, readScanRequest } from './scan-request.ts';
import { heartbeatTimeout, longestScan } from './scans.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Harbor's API of pluggable scanners, versions 1.0 to 1.2. */
export async function harborRoutes(
  app: FastifyInstance,
  { database, now, tool, warn, harbor }: RouteContext,
): Promise<void> {
  if (!harbor) return;
  const { scans, tools } = harbor;
  const scanner = { name: 'scapfeed', vendor: 'scapfeed', version: tool.replace(/^scapfeed /, '') };
  app.setErrorHandler(async (error, _request, reply) => sendError(reply, error, warn));
  app.removeContentTypeParser('application/json');
  for (const type of ['application/json', /^application\/vnd\.scanner\.adapter\.scan\.request\+json/])
    app.addContentTypeParser(type, { parseAs: 'string' }, async (_request: unknown, body: string) => {
      try {
        return parseForeignJson(body, { uniqueNames: true });
      } catch {
        // The parser's own message could repeat a credential.
        throw new HarborRefusal(400, 'the body is no JSON that can be read');
      }
    });

  app.get('/api/v1/metadata', { config: { role: 'read', takesHarbor: true } }, async (request, reply) => {
    const { updated, next } = tools.feed();
    const accepts10 = /version=1\.0/.test(request.headers.accept ?? '');
    return reply.type(`${metadataType}; version=${accepts10 ? '1.0' : '1.1'}`).send(
      JSON.stringify({
        scanner,
        capabilities: [
          {
            type: 'vulnerability',
            consumes_mime_types: manifestTypes,
            produces_mime_types: [vulnerabilityType],
          },
          {
            type: 'sbom',
            consumes_mime_types: manifestTypes,
            produces_mime_types: [sbomType],
            additional_attributes: { sbom_media_types: Object.values(sbomMedia) },
          },
        ],
        properties: {
          'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
          ...(updated && {
            'harbor.scanner-adapter/vulnerability-database-updated-at': updated.toISOString(),
          }),
          ...(next && { 'harbor.scanner-adapter/vulnerability-database-next-update-at': next.toISOString() }),
        },
      }),
    );
  });

  app.post('/api/v1/scan', { config: { role: 'write', takesHarbor: true } }, async (request, reply) => {
    const id = await scans.accept(readScanRequest(request.body));
    return reply.status(202).type(responseType).send(JSON.stringify({ id }));
  });

  app.get<{ Params: { id: string } }>(
    '/api/v1/scan/:id/report',
    { config: { role: 'read', takesHarbor: true } },
    async (request, reply) => {
      const { id } = request.params;
      const type = acceptedReport(request.headers.accept);
      if (type === undefined)
        throw new HarborRefusal(501, `reports are made as ${vulnerabilityType} and ${sbomType}`);
      const kind = type === sbomType ? sbomKind(request) : 'vulnerability';
      const scan = uuid.test(id) ? await harborScan(database, id) : undefined;
      if (!scan) throw new HarborRefusal(404, 'there is no scan of this id, or it was forgotten; scan again');
      requireGoing(scan, now());
      if (!scan.reports.includes(kind))
        throw new HarborRefusal(
          400,
          `this scan was asked for ${scan.reports.join(' and ')}, not for ${kind}`,
        );
      if (scan.state !== 'finished')
        return reply.status(302).header('Refresh-After', scans.refreshAfter()).send();
      const found = await harborReportOf(database, id, kind);
      if (!found) throw new HarborRefusal(404, 'the report was forgotten; scan again');
      const head = { generated_at: found.made.toISOString(), artifact: scan.artifact, scanner };
      const body = unpackedText(found.body);
      return reply
        .type(type)
        .send(
          kind === 'vulnerability'
            ? joined(head, body)
            : joined({ ...head, vendor_attributes: {}, media_type: sbomMedia[kind] }, `{"sbom":${body}}`),
        );
    },
  );
}

/** Two texts of objects as one: a report may have megabytes. */
function joined(head: object, body: string): string {
  return `${JSON.stringify(head).slice(0, -1)},${body.trimStart().slice(1)}`;
}

function sbomKind({ query }: FastifyRequest): Exclude<HarborReportKind, 'vulnerability'> {
  const { sbom_media_type: media } = query as { sbom_media_type?: unknown };
  if (media === sbomMedia.spdx) return 'spdx';
  if (media === sbomMedia.cyclonedx) return 'cyclonedx';
  throw new HarborRefusal(
    400,
    `expected ?sbom_media_type=${sbomMedia.spdx} or ${sbomMedia.cyclonedx}, found ${media === undefined ? 'none' : 'another'}`,
  );
}

/** @throws {HarborRefusal} 500: the scan has failed, or will never end */
function requireGoing({ state, failure, accepted, seen }: HarborScan, now: Date): void {
  if (state === 'failed') throw new HarborRefusal(500, failure ?? 'the scan failed');
  if (state === 'finished') return;
  if (seen === null || now.getTime() - seen.getTime() > heartbeatTimeout)
    throw new HarborRefusal(500, serverEnded);
  if (now.getTime() - accepted.getTime() > longestScan)
    throw new HarborRefusal(500, `the scan did not end in ${longestScan / 60_000} minutes; scan again`);
}

function sendError(reply: FastifyReply, error: unknown, warn: (text: string) => void): FastifyReply {
  const { status, message } =
    error instanceof HarborRefusal ? { status: error.status, message: error.message } : known(error, warn);
  return reply
    .status(status)
    .type(errorType)
    .send(JSON.stringify({ error: { message } }));
}

function known(error: unknown, warn: (text: string) => void): { status: number; message: string } {
  const { status, code, detail, remedy } = problemOf(error);
  if (status === 500)
    warn(`an answer to Harbor failed: ${error instanceof Error ? error.message : String(error)}`);
  return { status, message: `${detail}${remedy === undefined ? '' : `; ${remedy}`} (${code})` };
}
