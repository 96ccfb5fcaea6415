/** The framework of a reference, by the beginning of its address; the first match counts. SCAP content gives the number alone. */
const frameworks: readonly (readonly [address: RegExp, name: string])[] = [
  [/cyber\.gouv\.fr|ssi\.gouv\.fr/, 'ANSSI'],
  [/cisecurity\.org\/benchmark/, 'CIS'],
  [/cisecurity\.org\/controls/, 'CIS Controls'],
  [/nist\.gov.*800-53/i, 'NIST 800-53'],
  [/nist\.gov.*800-171/i, 'NIST 800-171'],
  [/nist\.gov.*CSWP/i, 'NIST CSF'],
  [/cyber\.mil\/stigs\/cci/, 'CCI'],
  [/cyber\.mil\/stigs\/srg-stig-tools/, 'STIG ID'],
  [/cyber\.mil\/stigs\/downloads.*unix-linux/, 'DISA STIG'],
  [/cyber\.mil\/stigs\/downloads.*container/, 'DISA SRG for containers'],
  [/cyber\.mil\/stigs\/downloads/, 'DISA SRG'],
  [/pcisecuritystandards\.org.*v4/i, 'PCI DSS 4'],
  [/pcisecuritystandards\.org/, 'PCI DSS 3.2.1'],
  [/isaca\.org/, 'COBIT 5'],
  [/iso\.org/, 'ISO 27001'],
  [/isa\.org.*62443-3-3/, 'ISA 62443-3-3'],
  [/isa\.org.*62443-2-1/, 'ISA 62443-2-1'],
  [/gpo\.gov.*title45/, 'HIPAA'],
  [/nerc\.com/, 'NERC CIP'],
  [/niap-ccevs\.org/, 'OSPP'],
  [/bsi\.bund\.de/, 'BSI'],
  [/cyber\.gov\.au/, 'ACSC ISM'],
  [/ccn-cert\.cni\.es/, 'CCN'],
  [/fbi\.gov.*cjis/, 'CJIS'],
];

/** The framework of a reference; undefined: its address is of none that we know. */
export function frameworkOf(href: string | undefined): string | undefined {
  return href === undefined ? undefined : frameworks.find(([address]) => address.test(href))?.[1];
}

interface Reference {
  href?: string;
  text: string;
}

/** References by framework, in the order of the rule; those of no known framework under ''. */
export function byFramework(references: readonly Reference[]): Map<string, Reference[]> {
  const groups = new Map<string, Reference[]>();
  for (const reference of references) {
    const name = frameworkOf(reference.href) ?? '';
    const group = groups.get(name);
    if (group) group.push(reference);
    else groups.set(name, [reference]);
  }
  return groups;
}

/** `ANSSI R39`: how people name a reference. */
export function referenceName({ href, text }: Reference): string {
  const framework = frameworkOf(href);
  return framework === undefined ? text : `${framework} ${text}`;
}
