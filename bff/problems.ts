import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { HTTPException } from 'hono/http-exception';
import { isUnavailable, problem, SearchUnavailable } from '#kit';
import { CacheUnavailable } from './cache/cache.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export interface Fault {
  readonly field: string;
  readonly message: string;
}

export interface ProblemMembers {
  /** What a program tells cases of one status apart by. */
  readonly code?: string;
  readonly faults?: readonly Fault[];
  readonly currentTotal?: number;
}

/** An answer that says no, thrown from wherever that is known. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: ContentfulStatusCode;
  readonly members: ProblemMembers;
  readonly retryAfterS: number | undefined;

  constructor(
    status: ContentfulStatusCode,
    detail: string,
    { retryAfterS, ...members }: ProblemMembers & { readonly retryAfterS?: number } = {},
  ) {
    super(detail);
    this.status = status;
    this.members = members;
    this.retryAfterS = retryAfterS;
  }
}

/** Of what is not there, and of what is somebody else's. */
export function notFound(what: string): ApiProblem {
  return new ApiProblem(404, `there is no such ${what}`);
}

/** Something that others do for the BFF can't be had now. */
export function unavailable(what: string): ApiProblem {
  return new ApiProblem(503, `${what} can't be reached now; please try again`, { retryAfterS: 1 });
}

/** The answer to an error; says nothing of one that is not meant for others. */
export function problemOf(error: Error): Response {
  const known = knownOf(error);
  return problem(known.status, TITLES[known.status] ?? 'Error', known.message, {
    members: { ...known.members },
    ...(known.retryAfterS !== undefined && { retryAfterS: known.retryAfterS }),
  });
}

function knownOf(error: Error): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof CacheUnavailable) return unavailable('the store of sessions');
  if (error instanceof SearchUnavailable) return unavailable('the search');
  if (error instanceof HTTPException) return new ApiProblem(error.status, error.message);
  if (isUnavailable(error)) return unavailable('the database');
  return new ApiProblem(500, 'this is not the caller’s fault; it is logged');
}
