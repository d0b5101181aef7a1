import { topics, type AvroTopic } from '#schemas';
import { Random } from '../simulation/random.ts';
import type { TestKafka, TestRecord } from './kafka.ts';

/** The shop's topics, under their own names, with their schemas: as its services make them. */
export async function makeShopTopics(kafka: TestKafka): Promise<void> {
  const all = Object.values(topics) as AvroTopic<unknown>[];
  await kafka.makeTopics(all);
  for (const topic of all) await kafka.registry.register(topic);
}

export interface ShopEventsOptions {
  readonly orders: number;
  /** Another one gives other events of the same keys. */
  readonly seed: number;
}

/** So that each seed has versions of its own: what one of them says is said once. */
const MOST_VERSIONS = 100_000;
const T0 = Date.UTC(2026, 10, 1);

/**
 * What a busy shop may write, all keys beginning with the test's name: statuses that come late, payments and observations told
 * twice, stock of one sku by several partitions. Nothing in it that the tables do not take.
 */
export function shopEvents(kafka: TestKafka, { orders, seed }: ShopEventsOptions): TestRecord[] {
  const random = new Random(seed);
  const { orderStatusChanged, paymentStatusObserved, alertRaised, alertResolved } = kafka.topics;
  const prefix = `${kafka.name}-p`;
  const records: TestRecord[] = [];
  const tell = <V>(topic: AvroTopic<V>, value: V): void => {
    const record = { topic: topic as AvroTopic<unknown>, key: topic.keyOf(value), value };
    records.push(record);
    if (random.chance(0.1)) records.push(record);
  };
  const time = (): number => T0 + random.int(0, 20) * 1000;
  const versions = new Map<string, number>();
  const next = (key: string): number => {
    const version = (versions.get(key) ?? seed * MOST_VERSIONS) + 1;
    versions.set(key, version);
    return version;
  };
  const skus = Array.from({ length: Math.ceil(orders / 20) }, (_, i) => `${prefix}-sku-${i}`);

  for (let i = 0; i < orders * 8; i++) {
    const orderNo = `${prefix}-${random.int(1, orders)}`;
    const alertId = `${orderNo}-alert`;
    const sku = random.pick(skus);
    const accountId = `${prefix}-account-${random.int(1, Math.ceil(orders / 10))}`;
    const about = { alertId, ruleId: 'RULE_A', orderNo } as const;
    const told = { eventId: `${orderNo}-event`, source: 'test' };
    switch (random.int(0, 11)) {
      case 0:
        tell(topics.orderCreated, {
          orderNo,
          accountId,
          lines: skus.slice(0, random.int(1, 3)).map((each) => line(each, random.int(1, 3))),
          totalAmount: random.int(1, 900),
          createdAt: time(),
        });
        break;
      case 1:
      case 2:
      case 3:
        tell(orderStatusChanged, {
          orderNo,
          status: random.pick(['PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'] as const),
          paymentStatus: random.pick([null, 'COMPLETED', 'FAILED']),
          updatedAt: time(),
          paymentExpiresAt: random.pick([null, T0 + 300_000]),
          reason: random.pick([null, '在庫がありません 🍵', "'; DROP TABLE orders"]),
        });
        break;
      case 4:
        tell(topics.paymentEvent, paymentEvent(orderNo, random, time()));
        break;
      case 5:
      case 6: {
        const status = random.pick(['COMPLETED', 'FAILED', 'REFUNDED']);
        tell(paymentStatusObserved, {
          orderNo,
          status,
          eventId: `${orderNo}:${status}:${random.int(1, 2)}`,
          occurredAt: time(),
          source: random.pick(['WEBHOOK', 'POLLING'] as const),
        });
        break;
      }
      case 7:
      case 8:
        tell(topics.storageEvent, {
          commandId: `${prefix}-${i}`,
          sku,
          type: 'RESERVED',
          // The key, and so the partition.
          orderNo,
          quantity: 1,
          reason: null,
          available: random.int(0, 99),
          reserved: random.int(0, 99),
          sold: random.int(0, 99),
          version: next(sku),
          occurredAt: time(),
        });
        break;
      case 9:
        tell(topics.accountEvent, {
          accountId,
          type: random.pick(['REGISTERED', 'CHANGED', 'CLOSED'] as const),
          email: `${random.int(1, 99)}@example.jp`,
          displayName: random.pick(['花', 'Hana', ' Hana ']),
          roles: random.pick([['shopper'], ['shopper', 'operator']]),
          version: next(accountId),
          occurredAt: time(),
        });
        tell(topics.productEvent, {
          sku,
          type: random.pick(['LISTED', 'DELISTED'] as const),
          nameJa: '湯呑',
          nameEn: 'Cup',
          descriptionJa: '',
          descriptionEn: 'x'.repeat(random.int(0, 2000)),
          category: 'cups',
          price: random.int(1, 9999),
          version: next(`product ${sku}`),
          occurredAt: time(),
        });
        break;
      case 10:
        tell(alertRaised, {
          ...about,
          ...told,
          observed: { paymentStatus: 'COMPLETED', orderStatus: 'PENDING' },
          expected: { orderStatus: 'PAID' },
          // One alert has one content, however often it comes.
          detectedAt: T0,
        });
        if (random.chance(0.3))
          tell(alertResolved, {
            ...about,
            ...told,
            observed: { paymentStatus: 'COMPLETED', orderStatus: 'PAID' },
            resolvedAt: time(),
          });
        break;
      case 11: {
        const actionId = `${orderNo}-action-${random.int(1, 2)}`;
        tell(topics.alertAction, {
          ...about,
          actionId,
          type: random.pick(['ACKNOWLEDGE', 'COMPENSATE'] as const),
          operatorId: `op-${random.int(1, 3)}`,
          reason: 'looked at',
          requestedAt: time(),
        });
        if (random.chance(0.5)) {
          const outcome = random.pick(['DONE', 'REFUSED'] as const);
          const ended = { actionId, orderNo, outcome, detail: 'as asked', occurredAt: time() };
          tell(topics.alertActionOutcome, ended);
        }
        break;
      }
    }
  }
  return records;
}

function line(sku: string, quantity: number) {
  return { sku, quantity, unitPrice: 300 };
}

function paymentEvent(orderNo: string, random: Random, occurredAt: number) {
  const isCreated = random.chance(0.7);
  const attempt = random.int(1, 2);
  return {
    commandId: `${orderNo}-${attempt}`,
    orderNo,
    type: isCreated ? ('CREATED' as const) : ('QUERIED' as const),
    merchantPaymentId: `${orderNo}-r${attempt}`,
    status: 'CREATED',
    codeId: isCreated ? 'code' : null,
    url: isCreated ? `https://pay.example/${attempt}` : null,
    expiresAt: null,
    paidAt: null,
    reason: null,
    occurredAt,
  };
}
