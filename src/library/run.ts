import { Steps } from '../acts/step-speed.ts';
import { checkCancelled, withSignal } from '../io/cancellation.ts';
import type { Environment, Progress } from '../model/index.ts';
import type { Door } from './door/door.ts';
import type { ProgressEvent } from './progress.ts';

/** How work can be watched and cancelled. */
export interface RunOptions {
  /**
   * Cancels the work: the promise is rejected with `signal.reason` at the next read, request or step, or within an evaluation
   * after 20 ms of it; locks are released, and what was to be written is not there; what was there before stays as it was.
   */
  signal?: AbortSignal;
  /** Called at each step. What it throws ends the work like a cancellation. */
  onProgress?: (event: ProgressEvent) => void;
}

/** How the network is reached. */
export interface NetworkOptions {
  /**
   * Variables in place of the process's, of which nothing is read: proxies (`HTTPS_PROXY`, `NO_PROXY`), logins
   * (`DOCKER_CONFIG`, `REGISTRY_AUTH_FILE`, `HOME`), `DOCKER_HOST`. Default: none. Pass `process.env` to behave as the command.
   */
  env?: Readonly<Record<string, string | undefined>>;
  /** Hosts for which plain http is used: `127.0.0.1:5000`. */
  insecureRegistries?: readonly string[];
  /** PEM text of certificate authorities that are trusted besides Node's own. */
  ca?: string;
}

/** @internal */
export type Report = Progress;

/**
 * @internal Runs work that is watched and can be cancelled, once its arguments have passed its door. Options are the last argument.
 */
export async function run<T>(
  door: Door,
  args: readonly unknown[],
  work: (report: Report) => Promise<T>,
): Promise<T> {
  door.check(args);
  const { signal, onProgress } = door.runOptions(args);
  const tell = onProgress && teller(onProgress);
  return withSignal(signal, () =>
    work((step, amount) => {
      checkCancelled();
      tell?.(step, amount);
      // Whoever was told may have cancelled it.
      checkCancelled();
    }),
  );
}

/** Adds rate and time left to what is counted. */
function teller(onProgress: (event: ProgressEvent) => void): Progress {
  const steps = new Steps();
  return (step, amount) => {
    const now = performance.now();
    steps.hear(step, amount, now);
    onProgress(
      amount ? { kind: 'amount', step, ...amount, ...steps.speed(step, now) } : { kind: 'step', step },
    );
  };
}

/** @internal */
export function environment({ env = {} }: NetworkOptions): Environment {
  return env;
}
