import type { ComplianceResult, OvalResultsData } from '../../model/compliance/index.ts';
import { escapeXmlLines } from '../../model/markup.ts';
import { xml, xmlHead } from '../xml-text.ts';
import { ovalResultsElement } from './oval-results.ts';
import { testResult } from './xccdf.ts';

const namespaces = {
  xmlns: 'http://scap.nist.gov/schema/asset-reporting-format/1.1',
  'xmlns:core': 'http://scap.nist.gov/schema/reporting-core/1.1',
  'xmlns:ai': 'http://scap.nist.gov/schema/asset-identification/1.1',
  'xmlns:arfvocab': 'http://scap.nist.gov/vocabulary/arf/relationships/1.0#',
  'xmlns:xlink': 'http://www.w3.org/1999/xlink',
};

/**
 * Formats an ARF 1.1 report collection: the XCCDF test result and the OVAL results of one image. The content is named with
 * its digest, not copied, because it is the largest part of other tools' reports.
 */
export function arfReport(result: ComplianceResult, oval: readonly OvalResultsData[]): string {
  const reports = [
    report('xccdf1', testResult(result)),
    ...oval.map((data, at) => report(`oval${at + 1}`, ovalResultsElement(result, data))),
  ];
  const ofOval = oval.map((_, at) => relationship('createdFor', `oval${at + 1}`, 'request1'));
  return `${xmlHead}${xml(
    'asset-report-collection',
    namespaces,
    xml(
      'core:relationships',
      {},
      relationship('createdFor', 'xccdf1', 'request1'),
      // Of the XCCDF result alone: `oscap info` takes every report about an asset for one, and crashes on another.
      relationship('isAbout', 'xccdf1', 'asset1'),
      ...ofOval,
    ),
    xml('report-requests', {}, request(result)),
    xml('assets', {}, asset(result)),
    xml('reports', {}, ...reports),
  )}\n`;
}

function relationship(type: string, subject: string, ref: string): string {
  return xml('core:relationship', { type: `arfvocab:${type}`, subject }, xml('core:ref', {}, ref));
}

function request({ content }: ComplianceResult): string {
  return xml(
    'report-request',
    { id: 'request1' },
    xml('remote-resource', { 'xlink:type': 'simple', 'xlink:href': content.name }),
  );
}

function asset({ image }: ComplianceResult): string {
  return xml(
    'asset',
    { id: 'asset1' },
    xml('ai:computing-device', {}, xml('ai:hostname', {}, hostnameOf(image.reference))),
  );
}

/** Converts a reference to a name that the schema accepts as a host name. */
function hostnameOf(reference: string): string {
  return (
    escapeXmlLines(reference.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[^A-Za-z]+|[^A-Za-z0-9]+$/g, '')) ||
    'image'
  );
}

function report(id: string, content: string): string {
  return xml('report', { id }, xml('content', {}, content));
}
