import { describe, expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import type { KafkaError } from './kafka/kafka.ts';
import { retry, type RetryContext } from './retry.ts';
import { LeapingClock, ManualClock } from './testing/clocks.ts';
import { answer, collectingLogger, kafkaError } from './testing/stub-kafka.ts';

/** Fails with these, one after the other, then answers 'done'. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  const script = {
    attempts: 0,
    call: () =>
      answer(() => {
        script.attempts++;
        const error = left.shift();
        if (error) throw error;
        return 'done';
      }),
  };
  return script;
}

const always = (error: Error) => () => Promise.reject(error);
const network = kafkaError('NETWORK');

function contextWith(clock: Clock, overrides: Partial<RetryContext> = {}) {
  const counts = { refreshed: 0 };
  const kafka = {
    refresh: () =>
      answer(() => {
        counts.refreshed++;
      }),
  };
  const logger = collectingLogger();
  return { counts, logger, context: { kafka, clock, logger, ...overrides } };
}

describe('what passes by itself', () => {
  test('is tried until it succeeds, with growing pauses up to a second', async () => {
    const clock = new LeapingClock();
    const { context, counts } = contextWith(clock);
    const script = failing(...new Array<KafkaError>(8).fill(network));
    expect(await retry('it', script.call, context)).toBe('done');
    expect(script.attempts).toBe(9);
    expect(clock.pauses).toEqual([20, 40, 80, 160, 320, 640, 1000, 1000]);
    expect(counts.refreshed).toBe(8);
  });

  test('is not waited for when there is nothing to wait for', async () => {
    const clock = new LeapingClock();
    const { context, counts } = contextWith(clock);
    expect(await retry('it', failing().call, context)).toBe('done');
    expect(clock.pauses).toEqual([]);
    expect(counts.refreshed).toBe(0);
  });

  test('is looked up anew after the pause, before the next attempt', async () => {
    const order: string[] = [];
    const clock = new LeapingClock(() => order.push('pause'));
    const kafka = { refresh: () => answer(() => void order.push('refresh')) };
    const { context } = contextWith(clock, { kafka });
    const script = failing(network);
    await retry('it', () => (order.push('call'), script.call()), context);
    expect(order).toEqual(['call', 'pause', 'refresh', 'call']);
  });

  test('is tried again although it could not be looked up', async () => {
    const kafka = { refresh: () => Promise.reject(network) };
    const { context } = contextWith(new LeapingClock(), { kafka });
    expect(await retry('it', failing(network).call, context)).toBe('done');
  });

  test('in the last transaction is asked after soon, and needs no looking up', async () => {
    const clock = new LeapingClock();
    const { context, counts } = contextWith(clock);
    const busy = kafkaError('CONCURRENT_TRANSACTIONS');
    await retry('it', failing(busy, busy, busy, busy).call, context);
    expect(clock.pauses).toEqual([20, 20, 20, 20]);
    expect(counts.refreshed).toBe(0);
  });

  test('waits for the pause to end', async () => {
    const clock = new ManualClock();
    const script = failing(network);
    const done = retry('it', script.call, contextWith(clock).context);
    await clock.advance(19);
    expect(script.attempts).toBe(1);
    await clock.advance(1);
    expect(script.attempts).toBe(2);
    expect(await done).toBe('done');
  });
});

describe('is thrown at once', () => {
  test.each([
    ['an error that does not pass', kafkaError('OFFSET_OUT_OF_RANGE')],
    ["an error that is not Kafka's", new TypeError('x is not a function')],
  ])('%s', async (_name, error) => {
    const script = failing(error);
    const { context } = contextWith(new LeapingClock());
    await expect(retry('it', script.call, context)).rejects.toBe(error);
    expect(script.attempts).toBe(1);
  });

  test('what the caller says does not pass', async () => {
    const isRetriable = (error: KafkaError) => error.type === 'UNKNOWN_MEMBER_ID';
    const { context } = contextWith(new LeapingClock(), { isRetriable });
    const script = failing(kafkaError('UNKNOWN_MEMBER_ID'), network);
    await expect(retry('it', script.call, context)).rejects.toBe(network);
    expect(script.attempts).toBe(2);
  });
});

describe('waiting ends', () => {
  test('at the deadline, with the last error', async () => {
    const clock = new LeapingClock();
    const deadline = clock.now() + 100;
    const { context } = contextWith(clock, { deadline });
    await expect(retry('it', always(network), context)).rejects.toBe(network);
    expect(clock.pauses).toEqual([20, 40, 80]);
  });

  test('at once when it was over before', async () => {
    const clock = new LeapingClock();
    const { context } = contextWith(clock, { signal: AbortSignal.abort() });
    await expect(retry('it', always(network), context)).rejects.toBe(network);
    expect(clock.pauses).toEqual([]);
  });

  test('in the middle of a pause, without another attempt', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const { context, counts } = contextWith(clock, { signal: stop.signal });
    const script = failing(network);
    const done = retry('it', script.call, context);
    await clock.advance(10);
    stop.abort();
    await expect(done).rejects.toBe(network);
    expect(script.attempts).toBe(1);
    expect(counts.refreshed).toBe(0);
  });
});

test('a fault that lasts is told every ten seconds', async () => {
  const clock = new LeapingClock();
  const { context, logger } = contextWith(clock, { deadline: clock.now() + 35_000 });
  await expect(retry('reaching it', always(network), context)).rejects.toBe(network);
  const warning = [{ error: network.message, type: 'NETWORK' }, 'reaching it: still trying'];
  expect(logger.warnings).toEqual([warning, warning, warning]);
});

test('a fault that passes is not told', async () => {
  const { context, logger } = contextWith(new LeapingClock());
  await retry('it', failing(network, network).call, context);
  expect(logger.warnings).toEqual([]);
});
