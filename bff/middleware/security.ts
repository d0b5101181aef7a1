import { bodyLimit } from 'hono/body-limit';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import { timeout } from 'hono/timeout';
import { ApiProblem, problemOf } from '../problems.ts';

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

/** Own scripts and styles only, by file or by the request's nonce (`c.get('secureHeadersNonce')`); nobody frames us. */
export const securityHeaders = () =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", NONCE],
      styleSrc: ["'self'", NONCE],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
    crossOriginOpenerPolicy: 'same-origin',
    permissionsPolicy: { camera: [], geolocation: [], microphone: [] },
  });

export const limitedBody = (maxBytes = MAX_BYTES) =>
  bodyLimit({
    maxSize: maxBytes,
    onError: () => problemOf(new ApiProblem(413, `a body has at most ${maxBytes} bytes`)),
  });

export const limitedTime = () =>
  timeout(TIMEOUT_MS, () => new ApiProblem(504, 'this has taken too long') as never);
