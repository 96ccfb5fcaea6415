/** Result of one of Harbor's scans. */
export interface HarborOutcome {
  /** The report, or the message of the job's log. */
  report?: unknown;
  type?: string;
  failure?: string;
  /** Milliseconds of each answer, in order. */
  times: number[];
  polls: number;
}

export interface HarborRegistration {
  url: string;
  /** The header by which Harbor is known to the scanner. */
  auth: Record<string, string>;
}

const requestTimeout = 5_000;
const firstPause = 2_000;
const usualPause = 5_000;
const longest = 30 * 60_000;

/**
 * Scans as Harbor's job service does (goharbor/harbor, src/pkg/scan): five seconds for an answer, no redirect followed, 202 and 200 the
 * only successes, 302 with `Refresh-After` of a byte, errors as `{"error":{"message"}}`, and one loop for the report.
 */
export async function harborScan(
  { url, auth }: HarborRegistration,
  request: object,
  {
    accept = 'application/vnd.security.vulnerability.report; version=1.1',
    query = '',
    /** Part of Harbor's pauses that a test waits. */
    pace = 1,
  } = {},
): Promise<HarborOutcome> {
  const times: number[] = [];
  const ask = async (path: string, init: RequestInit) => {
    const begun = performance.now();
    const answer = await fetch(url + path, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeout),
    });
    const body = await answer.text();
    times.push(performance.now() - begun);
    return { status: answer.status, headers: answer.headers, body };
  };
  const accepted = await ask('/api/v1/scan', {
    method: 'POST',
    headers: { ...auth, 'content-type': 'application/vnd.scanner.adapter.scan.request+json; version=1.0' },
    body: JSON.stringify(request),
  });
  if (accepted.status !== 202) return { failure: messageOf(accepted.body), times, polls: 0 };
  const { id } = JSON.parse(accepted.body) as { id: string };
  let pause = firstPause;
  const until = performance.now() + longest;
  for (let polls = 1; performance.now() < until; polls += 1) {
    await new Promise((over) => setTimeout(over, pause * pace));
    const { status, headers, body } = await ask(`/api/v1/scan/${id}/report${query}`, {
      headers: { ...auth, accept },
    });
    if (status === 200)
      return { report: JSON.parse(body), type: headers.get('content-type') ?? '', times, polls };
    if (status !== 302) return { failure: messageOf(body), times, polls };
    const given = headers.get('refresh-after') ?? '';
    pause = /^\d+$/.test(given) && Number(given) <= 127 ? Number(given) * 1000 : usualPause;
  }
  return { failure: 'the scan timed out', times, polls: 0 };
}

function messageOf(body: string): string {
  return (JSON.parse(body) as { error: { message: string } }).error.message;
}
