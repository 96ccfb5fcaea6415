const xccdf = ['http://checklists.nist.gov/xccdf/1.1', 'http://checklists.nist.gov/xccdf/1.2'];

/** Root elements of the SCAP formats that are read, with the namespaces in which they are these. */
const namespaces: ReadonlyMap<string, readonly string[]> = new Map([
  ['oval_definitions', ['http://oval.mitre.org/XMLSchema/oval-definitions-5']],
  ['oval_results', ['http://oval.mitre.org/XMLSchema/oval-results-5']],
  ['Benchmark', xccdf],
  ['TestResult', xccdf],
  // XCCDF 1.1 has no tailoring: OpenSCAP took its own namespace for those of such benchmarks.
  ['Tailoring', [...xccdf, 'http://open-scap.org/page/Xccdf-1.1-tailoring']],
  ['data-stream-collection', ['http://scap.nist.gov/schema/scap/source/1.2']],
  ['asset-report-collection', ['http://scap.nist.gov/schema/asset-reporting-format/1.1']],
]);

/** Whether a local name is that of a SCAP format's root element. */
export function isScapRootName(name: string): boolean {
  return namespaces.has(name);
}

/** The difference between an element and its format's root; undefined: it is that root, in a namespace of the format. */
export function wrongScapRoot(
  expected: string,
  { name, ns }: { name: string; ns: string },
): string | undefined {
  const own = namespaces.get(expected) ?? [];
  if (name === expected && own.includes(ns)) return undefined;
  return `expected <${expected}> of ${own.join(' or ')}, found <${name}> of ${ns || 'no namespace'}`;
}
