import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { waitMs, type Clock } from './clock.ts';
import type { WebhookTry } from './domain/events.ts';

/** PayPay waits so long for an answer. */
export const ANSWER_WITHIN_MS = 1_500;
export const TRIES = 3;
/** Between two tries: quick, as at the provider. */
export const RETRY_MS = 200;
/** Where forged webhooks come from: the machine itself, but none of its usual addresses. */
export const FORGED_ADDRESS = '127.0.0.66';

export interface Post {
  readonly url: string;
  readonly body: string;
  /** The address it is sent from; undefined: the usual one. */
  readonly localAddress?: string | undefined;
  readonly signal: AbortSignal;
}

/** Sends once. Resolves with the HTTP status, rejects when there is none. */
export type PostOnce = (post: Post) => Promise<number>;

export interface Sending {
  readonly delivered: boolean;
  readonly tries: readonly WebhookTry[];
}

/**
 * Sends until somebody takes it (2xx), three times at most.
 *
 * @param post.signal ends it, between the tries too
 */
export async function sendWebhook(post: Post, once: PostOnce, clock: Clock): Promise<Sending> {
  const tries: WebhookTry[] = [];
  for (let i = 0; i < TRIES; i++) {
    if (i > 0) await waitMs(clock, RETRY_MS, post.signal);
    if (post.signal.aborted) break;
    const atMs = clock.now();
    const result = await once(post).catch((error: unknown) => error as Error);
    tries.push({ atMs, result: result instanceof Error ? result.message : String(result) });
    if (typeof result === 'number' && result >= 200 && result < 300) {
      return { delivered: true, tries };
    }
  }
  return { delivered: false, tries };
}

/**
 * One POST of JSON, over a connection of its own.
 *
 * `fetch` can't choose the address it sends from, so this is Node's own client.
 */
export function postOnce(answerWithinMs = ANSWER_WITHIN_MS): PostOnce {
  return ({ url, body, localAddress, signal }) =>
    new Promise((resolve, reject) => {
      const late = AbortSignal.timeout(answerWithinMs);
      const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(
        url,
        {
          method: 'POST',
          agent: false,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
          signal: AbortSignal.any([signal, late]),
          ...(localAddress !== undefined && { localAddress }),
        },
        (response) => {
          response.resume(); // only the status counts, but the connection has to end
          resolve(response.statusCode ?? 0);
          response.on('error', reject);
        },
      );
      request.on('error', (error) => {
        reject(late.aborted ? new Error(`no answer within ${String(answerWithinMs)} ms`) : error);
      });
      request.end(body);
    });
}
