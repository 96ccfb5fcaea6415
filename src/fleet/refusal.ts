import { type ErrorCode, ScapfeedError } from '../model/error.ts';

/** An error as RFC 9457 has it, with our code, place and remedy. */
export interface HttpProblem {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  where?: string;
  remedy?: string;
}

export function refusal(code: ErrorCode, message: string, remedy?: string): ScapfeedError {
  return new ScapfeedError({ code, message, ...(remedy !== undefined && { remedy }) });
}
