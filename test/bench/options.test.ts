import { CommanderError } from 'commander';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { isLoopback, parseOptions } from './options.ts';

let said = '';
beforeEach(() => {
  said = '';
  const hear = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  return () => hear.mockRestore();
});

test('without options, everything is measured on an own broker', () => {
  expect(parseOptions([])).toEqual({
    json: false,
    only: ['throughput', 'latency', 'restart', 'idle'],
    orders: 900_000,
    keys: 1_000_000,
    runs: 3,
    threads: [1, 2],
    liveSeconds: 20,
    idleSeconds: 20,
    addresses: undefined,
    peer: undefined,
  });
});

test('lists are split', () => {
  const { only, threads } = parseOptions(['--only', 'idle,latency', '--threads', '1,2,4']);
  expect(only).toEqual(['idle', 'latency']);
  expect(threads).toEqual([1, 2, 4]);
});

test('running brokers and registry are taken', () => {
  const brokers = '127.0.0.1:9092,localhost:9093';
  const registry = 'http://[::1]:8081';
  const { addresses } = parseOptions(['--brokers', brokers, '--registry', registry]);
  expect(addresses).toEqual({ brokers, registry });
});

describe('refused', () => {
  test.each([
    ['brokers elsewhere', ['--brokers', '10.0.0.7:9092'], '10.0.0.7 is not this machine'],
    ['one of several', ['--brokers', '127.0.0.1:1,kafka:9092'], 'kafka is not this machine'],
    [
      'a registry elsewhere',
      ['--registry', 'http://registry:8081'],
      'registry is not this machine',
    ],
    ['one address', ['--brokers', '127.0.0.1:9092'], 'given together'],
    ['no port', ['--brokers', 'localhost'], 'HOST:PORT is needed'],
    ['no number', ['--runs', 'many'], 'A whole number from 1 on'],
    ['no measurement', ['--only', 'speed'], 'Known are throughput'],
    ['half a template', ['--peer', 'java {brokers}'], 'It lacks {application}'],
    ['another option', ['--fast'], "unknown option '--fast'"],
  ])('%s', (_, args, words) => {
    expect(() => parseOptions(args)).toThrow(CommanderError);
    expect(said).toContain(words);
  });
});

test('loopback is by name and by number', () => {
  expect(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'].filter(isLoopback)).toHaveLength(
    5,
  );
  const others = ['localhost.example.com', '128.0.0.1', '127.0.0.1.example.com', '0.0.0.0', '::'];
  expect(others.filter(isLoopback)).toEqual([]);
});
