import type { ErrorDetails } from '../model/index.ts';

/** The words for a file that is there but not for this user, which must not look like a missing one. Undefined: another cause. */
export function refusedAccess(
  cause: unknown,
  what: string,
): Pick<ErrorDetails, 'message' | 'remedy'> | undefined {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EPERM') return undefined;
  return {
    message: `${what} cannot be read: permission denied (${code})`,
    remedy: 'run as a user who may read it and all folders above it, or grant access',
  };
}
