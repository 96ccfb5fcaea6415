import { existsSync } from 'node:fs';

/** The ways to name several images: operands, patterns among them, and a file. */
export interface TargetChoice {
  operands: readonly string[];
  file?: string;
}

/** The scheme of a text, before its path: `docker-archive:`. */
const scheme = /^(?:dir|docker-archive|oci|oci-archive|tar|sbom):/;

/** A pattern of names of files, which no file has as its own name; the name of an image has none of these characters. */
export function isPattern(text: string): boolean {
  return /[*?[\]{}]/.test(text) && !existsSync(text.replace(scheme, ''));
}

export function schemeOf(text: string): string {
  return scheme.exec(text)?.[0] ?? '';
}

/** Whether the result is about several images, even if it is one that they come to: its form depends on the question alone. */
export function hasSeveralTargets({ operands, file }: TargetChoice): boolean {
  return file !== undefined || operands.length > 1 || operands.some(isPattern);
}
