import { describe, expect, expectTypeOf, test } from 'vitest';
import { TopologyTestDriver } from '../driver/topology-test-driver.ts';
import type { KeyedProcessor, ProcessorContext } from '../processor/processor.ts';
import type { StoreHandle } from '../processor/store.ts';
import type { Serde, Topic } from '../serde/serde.ts';
import { jsonSerde } from '../testing/topics.ts';
import type { KStream } from './kstream.ts';
import { StreamsBuilder } from './streams-builder.ts';

interface Order {
  readonly id: string;
  readonly at: number;
  readonly status: string;
}

interface Payment {
  readonly id: string;
  readonly at: number;
  readonly amount: number;
}

function topic<V extends { readonly id: string; readonly at: number }>(name: string): Topic<V> {
  return { name, value: jsonSerde<V>(), keyOf: (v) => v.id, eventTime: (v) => v.at };
}

const orders = topic<Order>('orders');
const payments = topic<Payment>('payments');
const allRecords = topic<Order | Payment>('all');
const paidOrders = topic<Order & { readonly status: 'PAID' }>('paid');

function isPaid(order: Order): order is Order & { readonly status: 'PAID' } {
  return order.status === 'PAID';
}

describe('a stream', () => {
  const order = (id: string, at: number, status: string): Order => ({ id, at, status });

  /** What comes out of `all` when these orders go in. */
  function run(
    build: (input: KStream<string, Order>) => KStream<string, Order | Payment>,
    ...input: Order[]
  ) {
    const builder = new StreamsBuilder('app');
    build(builder.stream(orders)).to(allRecords);
    const driver = new TopologyTestDriver(builder.build());
    for (const value of input) driver.pipe(orders, value, { headers: { of: value.status } });
    return driver.read(allRecords);
  }

  test('is filtered by value and key', () => {
    const kept = run(
      (input) => input.filter((value, key) => value.at > 1 && key !== 'c'),
      order('a', 1, 'x'),
      order('b', 2, 'y'),
      order('c', 3, 'z'),
    );
    expect(kept).toEqual([{ key: 'b', value: order('b', 2, 'y'), headers: { of: 'y' } }]);
  });

  test('has its values mapped; key and headers stay', () => {
    const mapped = run(
      (input) => input.mapValues(({ id, at }, key) => ({ id, at, amount: key.length })),
      order('abc', 1, 'x'),
    );
    expect(mapped).toEqual([
      { key: 'abc', value: { id: 'abc', at: 1, amount: 3 }, headers: { of: 'x' } },
    ]);
  });

  test('is used twice without one use changing the other', () => {
    const builder = new StreamsBuilder('app');
    const input = builder.stream(orders);
    input.mapValues((value) => ({ ...value, status: 'changed' })).to(allRecords);
    input.filter(isPaid).to(paidOrders);
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(orders, order('a', 1, 'PAID'));
    expect(driver.read(allRecords)).toMatchObject([{ value: { status: 'changed' } }]);
    expect(driver.read(paidOrders)).toMatchObject([{ value: { status: 'PAID' } }]);
  });

  test('merges with another one, and what follows runs for both', () => {
    const builder = new StreamsBuilder('app');
    builder
      .stream(orders)
      .merge(builder.stream(payments))
      .filter((_, key) => key !== 'x')
      .to(allRecords);
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(orders, order('a', 1, 'PAID'));
    driver.pipe(payments, { id: 'b', at: 1, amount: 5 });
    driver.pipe(payments, { id: 'x', at: 1, amount: 5 });
    expect(driver.read(allRecords).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  test('that throws in a step is a dead letter', () => {
    const builder = new StreamsBuilder('app');
    builder
      .stream(orders)
      .mapValues((): Order => {
        throw new Error('told to');
      })
      .to(orders2);
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(orders, order('a', 1, 'x'));
    expect(driver.readDeadLetters()).toMatchObject([
      { headers: { '__streams.errors.message': 'told to' } },
    ]);
  });

  const orders2 = topic<Order>('orders-2');
});

// Checked by the compiler: nothing of this runs.
describe('types', () => {
  const unused = (_check: () => void) => undefined;
  const builder = new StreamsBuilder('types');
  const orderStream = builder.stream(orders);
  const paymentStream = builder.stream(payments);
  const counts = builder.store('counts', jsonSerde<number>());

  test('follow the stream', () => {
    expectTypeOf(orderStream).toEqualTypeOf<KStream<string, Order>>();
    expectTypeOf(orderStream.filter((o) => o.at > 0)).toEqualTypeOf<KStream<string, Order>>();
    expectTypeOf(orderStream.filter(isPaid)).toEqualTypeOf<
      KStream<string, Order & { readonly status: 'PAID' }>
    >();
    expectTypeOf(orderStream.mapValues((o) => o.at)).toEqualTypeOf<KStream<string, number>>();
    expectTypeOf(orderStream.merge(paymentStream)).toEqualTypeOf<
      KStream<string, Order | Payment>
    >();
    expectTypeOf(counts).toEqualTypeOf<StoreHandle<number>>();
  });

  test('a topic takes the stream’s values, narrower ones too', () => {
    unused(() => {
      orderStream.to(orders);
      orderStream.to(allRecords);
      orderStream.filter(isPaid).to(orders);
      orderStream.merge(paymentStream).to(allRecords);
    });
  });

  test('a topic of other, or only some, of the stream’s values does not compile', () => {
    unused(() => {
      // @ts-expect-error orders are no payments
      orderStream.to(payments);
      // @ts-expect-error some of them are payments
      orderStream.merge(paymentStream).to(orders);
      // @ts-expect-error not every order is paid
      orderStream.to(paidOrders);
      // @ts-expect-error a number is no order
      orderStream.mapValues((o) => o.at).to(orders);
    });
  });

  test('a processor must take every value of the stream', () => {
    const ofOrders: KeyedProcessor<Order, number, Payment> = {
      store: counts,
      onRecord(record, count, context) {
        expectTypeOf(record.value).toEqualTypeOf<Order>();
        expectTypeOf(count).toEqualTypeOf<number | undefined>();
        expectTypeOf(context).toEqualTypeOf<ProcessorContext<number, Payment>>();
      },
    };
    unused(() => {
      expectTypeOf(orderStream.process('p', ofOrders)).toEqualTypeOf<KStream<string, Payment>>();
      orderStream.filter(isPaid).process('p', ofOrders);
      // @ts-expect-error it reads orders only
      orderStream.merge(paymentStream).process('p', ofOrders);
      // @ts-expect-error it sends payments
      orderStream.process('p', ofOrders).to(orders);
    });
  });

  test('a state is what the store keeps', () => {
    unused(() => {
      orderStream.process<number, Order>('p', {
        store: counts,
        timer: (count) => count + 1,
        onRecord(_record, count, context) {
          context.put((count ?? 0) + 1);
          context.put(null);
          // @ts-expect-error the store keeps numbers
          context.put('one');
          // @ts-expect-error it sends orders
          context.forward('one');
        },
        onTimer: (_key, _dueAt, count, context) => context.put(count + 1),
      });
      // @ts-expect-error the store keeps numbers
      orderStream.process('p', {
        store: counts,
        onRecord(_record: unknown, _text: string | undefined) {
          return;
        },
      });
    });
  });

  test('a serde is of the values it is named with', () => {
    unused(() => {
      // @ts-expect-error a serde of texts
      const wrong: Topic<Order> = { ...orders, value: jsonSerde<string>() };
      const right: Serde<Order> = orders.value;
      return [wrong, right];
    });
  });
});
