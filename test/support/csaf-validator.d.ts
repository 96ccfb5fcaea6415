/** The validator brings no types for these. */
declare module '@secvisogram/csaf-validator-lib/basic.js' {
  const tests: Record<string, (document: unknown) => unknown>;
  export = tests;
}
declare module '@secvisogram/csaf-validator-lib/validate.js' {
  export default function validate(
    tests: readonly unknown[],
    document: unknown,
  ): Promise<{ isValid: boolean; tests: { name: string; errors: unknown[] }[] }>;
}
