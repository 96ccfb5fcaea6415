/** The names of all layouts, for commands that do not write them. */
export const exportNames = [
  'trivy',
  'grype',
  'osv',
  'debsecan',
  'notus',
  'clair',
  'csaf',
  'oval',
  'ds',
] as const;
