import { describe, expect, test } from 'vitest';
import { KafkaError } from './kafka.ts';
import { kafkaErrorFromCode } from './kafkajs-errors.ts';

const error = (type: string) => new KafkaError(type, 'what happened');

describe('an error', () => {
  // By Kafka's numbers, since those are what brokers send.
  test.each([
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 45],
    ['INVALID_PRODUCER_EPOCH', 47],
    ['INVALID_TXN_STATE', 48],
    ['INVALID_PRODUCER_ID_MAPPING', 49],
    ['TRANSACTION_COORDINATOR_FENCED', 52],
    ['UNKNOWN_PRODUCER_ID', 59],
    ['PRODUCER_FENCED, which kafkajs does not know', 90],
  ])('%s says that the producer is fenced', (_name, code) => {
    const { isFenced, isRetriable } = kafkaErrorFromCode(code, 'produce');
    expect({ isFenced, isRetriable }).toEqual({ isFenced: true, isRetriable: false });
  });

  test.each([
    ['CORRUPT_MESSAGE', 2],
    ['UNKNOWN_TOPIC_OR_PARTITION', 3],
    ['LEADER_NOT_AVAILABLE', 5],
    ['NOT_LEADER_OR_FOLLOWER', 6],
    ['REQUEST_TIMED_OUT', 7],
    ['NETWORK_EXCEPTION', 13],
    ['COORDINATOR_LOAD_IN_PROGRESS', 14],
    ['COORDINATOR_NOT_AVAILABLE', 15],
    ['NOT_COORDINATOR', 16],
    ['NOT_ENOUGH_REPLICAS', 19],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 20],
    ['CONCURRENT_TRANSACTIONS', 51],
    ['OPERATION_NOT_ATTEMPTED', 55],
    ['KAFKA_STORAGE_ERROR', 56],
    ['FENCED_LEADER_EPOCH', 74],
    ['UNKNOWN_LEADER_EPOCH', 75],
    ['OFFSET_NOT_AVAILABLE', 78],
    ['UNSTABLE_OFFSET_COMMIT', 88],
  ])('%s passes by itself', (_name, code) => {
    const { isFenced, isRetriable } = kafkaErrorFromCode(code, 'fetch');
    expect({ isFenced, isRetriable }).toEqual({ isFenced: false, isRetriable: true });
  });

  test.each([
    ['UNKNOWN_SERVER_ERROR', -1],
    ['OFFSET_OUT_OF_RANGE', 1],
    ['MESSAGE_TOO_LARGE', 10],
    ['ILLEGAL_GENERATION', 22],
    ['UNKNOWN_MEMBER_ID', 25],
    ['REBALANCE_IN_PROGRESS', 27],
    ['TOPIC_AUTHORIZATION_FAILED', 29],
    ['GROUP_AUTHORIZATION_FAILED', 30],
    ['UNSUPPORTED_COMPRESSION_TYPE', 76],
    ['FENCED_INSTANCE_ID', 82],
  ])('%s neither passes nor fences', (_name, code) => {
    const { isFenced, isRetriable } = kafkaErrorFromCode(code, 'fetch');
    expect({ isFenced, isRetriable }).toEqual({ isFenced: false, isRetriable: false });
  });

  test('without an answer passes, and does not fence', () => {
    expect(error('NETWORK').isRetriable).toBe(true);
    expect(error('NETWORK').isFenced).toBe(false);
    expect(error('UNKNOWN').isRetriable).toBe(false);
  });
});
