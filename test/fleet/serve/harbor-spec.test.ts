import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startFakeRegistry } from '../../image/support/fake-registry.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { harborFeed, harborImage, openHarbor } from '../../support/harbor.ts';
import { harborScan } from '../../support/harbor-client.ts';

const spec = (version: string) =>
  dataPath('interchange2/harbor/spec/api/spec', `scanner-adapter-openapi-v${version}.yaml`);

/** A validator of a schema of the API. */
function schemaOf(version: string, name: string) {
  // A keyword of OpenAPI 3.0 beside one that has no type.
  const text = readFileSync(spec(version), 'utf8').replaceAll(/^ *nullable: true$/gm, '');
  const { components } = parse(text) as { components: object };
  const ajv = addFormats.default(new Ajv.default({ strict: false, allErrors: true }));
  ajv.addFormat('url', (url) => URL.canParse(url));
  return ajv.compile({ components, $ref: `#/components/schemas/${name}` });
}

const basic = `Basic ${Buffer.from('robot$a+b:secret').toString('base64')}`;

/** Requests as Harbor sends them by each version of the API. */
const requests = {
  '1.0': {},
  '1.1': {},
  '1.2': {
    enabled_capabilities: [
      {
        type: 'vulnerability',
        produces_mime_types: ['application/vnd.security.vulnerability.report; version=1.1'],
      },
      {
        type: 'sbom',
        produces_mime_types: ['application/vnd.security.sbom.report+json; version=1.0'],
        parameters: { sbom_media_types: ['application/spdx+json'] },
      },
    ],
  },
} as const;

describe.skipIf(!hasData('interchange2/harbor'))("the schemas of Harbor's API", { timeout: 120_000 }, () => {
  it.each(Object.entries(requests))('of version %s fit requests and answers', async (version, more) => {
    const registry = await startFakeRegistry(harborImage());
    await using harbor = await openHarbor(['--feed', harborFeed(), '--harbor-registry', registry.host]);
    const { server, token } = harbor;
    const valid = (name: string, value: unknown) => {
      const validate = schemaOf(version, name);
      validate(value);
      expect(validate.errors, name).toBeNull();
    };
    const metadata = await server.ask('/api/v1/metadata', { token });
    valid('ScannerAdapterMetadata', await metadata.json());
    const request = {
      registry: { url: `http://${registry.host}`, authorization: basic },
      artifact: {
        ...{ repository: 'lab/x', digest: registry.image.manifest.digest, tag: '1' },
        mime_type: 'application/vnd.docker.distribution.manifest.v2+json',
      },
      ...more,
    };
    valid('ScanRequest', request);
    const pace = 0.1;
    const { report } = await harborScan(harbor.registration, request, { pace });
    valid('HarborVulnerabilityReport', report);
    expect(report).toMatchObject({ vulnerabilities: [{ id: 'CVE-2026-0001' }, { id: 'CVE-2026-0002' }] });
    if (version === '1.2') {
      const sbom = await harborScan(harbor.registration, request, {
        ...{ pace, accept: 'application/vnd.security.sbom.report+json; version=1.0' },
        query: '?sbom_media_type=application%2Fspdx%2Bjson',
      });
      valid('HarborSbomReport', sbom.report);
    }
    const refused = await server.ask('/api/v1/scan/none/report', { token });
    valid('ErrorResponse', await refused.json());
  });

  it('would find a severity that is none', () => {
    const validate = schemaOf('1.2', 'HarborVulnerabilityReport');
    expect(validate({ severity: 'Clean' })).toBe(false);
  });
});
