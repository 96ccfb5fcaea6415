import { checkCancelled, withSignal } from '../io/cancellation.ts';
import type { Environment } from '../model/environment.ts';
import type { Progress } from '../model/progress.ts';
import type { RegistryAccess } from '../publish/oci/repository.ts';
import type { RegistryParameters } from '../tasks/image/options.ts';
import { StepSpeeds } from '../tasks/step-speed.ts';
import { toolVersion } from '../tasks/tool-version.ts';
import { withParameters } from './parameters/own-words.ts';
import type { ParameterCheck } from './parameters/parameter-check.ts';
import type { ProgressEvent } from './progress.ts';

/** Options for progress and cancellation. */
export interface RunOptions {
  /**
   * Cancels the work. The promise is rejected with `signal.reason` at the next read, request or step, and during an evaluation
   * within 20 ms. Locks are released, incomplete output is removed, and existing files are unchanged.
   */
  signal?: AbortSignal;
  /** Called at each step. An exception from it ends the work like a cancellation. */
  onProgress?: (event: ProgressEvent) => void;
}

/** Options for network access. */
export interface NetworkOptions extends RegistryParameters {
  /**
   * Variables to use instead of the process's environment, which is never read: proxies (`HTTPS_PROXY`, `NO_PROXY`), credentials
   * (`DOCKER_CONFIG`, `REGISTRY_AUTH_FILE`, `HOME`), `DOCKER_HOST`. Default: none. Pass `process.env` for the behavior of the
   * command line.
   */
  env?: Readonly<Record<string, string | undefined>>;
}

/** @internal */
export type Report = Progress;

/**
 * @internal Runs work that is watched and can be cancelled, once its arguments were checked. Options are the last argument.
 */
export async function run<T>(
  parameters: ParameterCheck,
  args: readonly unknown[],
  work: (report: Report) => Promise<T>,
): Promise<T> {
  parameters.check(args);
  const { signal, onProgress } = parameters.runOptions(args);
  const report = onProgress && progressBy(onProgress);
  try {
    return await withSignal(signal, () =>
      work((step, amount) => {
        checkCancelled();
        report?.(step, amount);
        // The callback may have cancelled the run.
        checkCancelled();
      }),
    );
  } catch (error) {
    throw withParameters(error, parameters.optionNames());
  }
}

/** Adds rate and time left to what is counted. */
function progressBy(onProgress: (event: ProgressEvent) => void): Progress {
  const steps = new StepSpeeds();
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

/** @internal Access to servers of feeds. */
export function accessOf(options: NetworkOptions): RegistryAccess {
  const { ca, insecureRegistries: insecure = [] } = options;
  const http = { userAgent: `scapfeed/${toolVersion}`, env: environment(options) };
  return { http: { ...http, ...(ca === undefined ? {} : { ca }) }, insecure };
}
