/** Short names of attestations, and the types that their tools write; versions follow after a slash. */
const names: Readonly<Record<string, readonly string[]>> = {
  slsa: ['https://slsa.dev/provenance'],
  cyclonedx: ['https://cyclonedx.org/bom'],
  spdx: ['https://spdx.dev/Document'],
  openvex: ['https://openvex.dev/ns'],
  vuln: ['https://cosign.sigstore.dev/attestation/vuln'],
};

export const attestationNames: readonly string[] = Object.keys(names);

/** Types of predicates that are meant by a short name; any other word is a type itself. */
export function predicateTypesOf(name: string): readonly string[] {
  return names[name] ?? [name];
}
