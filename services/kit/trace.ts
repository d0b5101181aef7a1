import { randomUUID } from 'node:crypto';

/** What leads from a request to all that came of it, by the names that it has in HTTP and in Kafka. */
export interface Trace {
  readonly 'correlation-id': string;
  /** @see https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent?: string;
}

const CORRELATION_ID = /^[\w.:/-]{1,128}$/;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/**
 * The trace of a request. Whatever is no correlation id counts as none, and where there is none, one is made up.
 *
 * @example
 * const trace = traceOf((name) => c.req.header(name));
 * await publisher.publish([{ topic, value, headers: { ...trace } }]);
 */
export function traceOf(header: (name: string) => string | undefined): Trace {
  const correlationId = header('correlation-id') ?? '';
  const traceparent = header('traceparent') ?? '';
  return {
    'correlation-id': CORRELATION_ID.test(correlationId) ? correlationId : randomUUID(),
    ...(TRACEPARENT.test(traceparent) && { traceparent }),
  };
}
