import { describe, expect, test } from 'vitest';
import { topics, type StorageCommand } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { defaultStorageSettings, storage } from './topology.ts';

const T0 = Date.UTC(2024, 1, 1);
const DAY = 24 * 3_600_000;

function command(type: StorageCommand['type'], over: Partial<StorageCommand> = {}): StorageCommand {
  const orderNo = type === 'RESTOCK' ? null : 'ORD-1';
  const commandId = `${type}-${over.orderNo ?? 1}`;
  return {
    commandId,
    sku: 'tea',
    type,
    orderNo,
    attempt: 1,
    quantity: 2,
    requestedAt: T0,
    ...over,
  };
}

function start() {
  const driver = new TopologyTestDriver(storage({ ...defaultStorageSettings, topics }));
  const send = (each: StorageCommand) => {
    driver.pipe(topics.storageCommand, each);
    return driver.read(topics.storageEvent).map(({ key, value }) => ({ key, ...value }));
  };
  return { driver, send };
}

describe('the storage', () => {
  test('answers each command under its order, with the levels after it', () => {
    const { send } = start();
    expect(send(command('RESTOCK', { quantity: 5 }))).toMatchObject([
      { key: 'tea', type: 'RESTOCKED', available: 5, version: 1 },
    ]);
    expect(send(command('RESERVE'))).toEqual([
      {
        key: 'ORD-1',
        commandId: 'RESERVE-1',
        sku: 'tea',
        type: 'RESERVED',
        orderNo: 'ORD-1',
        quantity: 2,
        reason: null,
        available: 3,
        reserved: 2,
        sold: 0,
        version: 2,
        occurredAt: T0,
      },
    ]);
  });

  test('takes a delivery in once, however often it is told, also after a crash', () => {
    const { driver, send } = start();
    send(command('RESTOCK', { quantity: 5 }));
    driver.crash({ disk: 'lost' });
    expect(send(command('RESTOCK', { quantity: 5 }))).toMatchObject([{ available: 5, version: 1 }]);
  });

  test('makes a dead letter of a command that can not be meant, and changes nothing', () => {
    const { driver, send } = start();
    send(command('RESTOCK', { quantity: 5 }));
    expect(send(command('RESERVE', { quantity: 0 }))).toEqual([]);
    expect(send(command('RESERVE', { quantity: -1 }))).toEqual([]);
    expect(driver.readDeadLetters()).toHaveLength(2);
    expect(send(command('RESERVE', { quantity: 5 }))).toMatchObject([{ available: 0 }]);
  });

  test('forgets what is settled after the retention, and never what is still reserved', () => {
    const { driver, send } = start();
    send(command('RESTOCK', { quantity: 5 }));
    send(command('RESERVE'));
    send(command('RESERVE', { orderNo: 'ORD-2' }));
    send(command('COMPENSATE', { orderNo: 'ORD-2' }));
    driver.advanceWatermarkTo(T0 + 91 * DAY);
    const later = { requestedAt: T0 + 91 * DAY };
    expect(send(command('CONFIRM', later))).toMatchObject([{ type: 'CONFIRMED', sold: 2 }]);
    expect(send(command('RESERVE', { orderNo: 'ORD-2', ...later }))).toMatchObject([
      { type: 'RESERVED' },
    ]);
  });
});
