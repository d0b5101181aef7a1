import { describe, expect, test } from 'vitest';
import { parseSaga, SagaDefinitionError } from './definition.ts';
import { sagaDiagram } from './diagram.ts';
import { sagas } from './sagas.ts';

const services = { 'lamp.on': ['ON', 'BROKEN'], 'lamp.off': ['OFF'] };

function saga(states: object, start = 'On') {
  return { Name: 'light', Comment: '', Version: '1', StartState: start, States: states };
}

const On = {
  Type: 'ServiceTask',
  ServiceName: 'lamp',
  ServiceMethod: 'on',
  CompensateState: 'Off',
  Output: { lamp: '$.#root' },
  Status: { "#root == 'ON'": 'SU', "#root == 'BROKEN'": 'FA' },
  Next: 'IsOn',
};
const IsOn = {
  Type: 'Choice',
  Choices: [{ Expression: "[lamp] == 'ON'", Next: 'Done' }],
  Default: 'GiveUp',
};
const Off = {
  Type: 'ServiceTask',
  ServiceName: 'lamp',
  ServiceMethod: 'off',
  IsForCompensation: true,
  Status: { "#root == 'OFF'": 'SU' },
};
const GiveUp = { Type: 'CompensationTrigger', Next: 'Failed' };
const Done = { Type: 'Succeed' };
const Failed = { Type: 'Fail', ErrorCode: 'DARK', Message: 'it is dark' };
const good = { On, IsOn, Off, GiveUp, Done, Failed };

function faults(json: unknown): readonly string[] {
  try {
    parseSaga(json, services);
  } catch (error) {
    if (error instanceof SagaDefinitionError) return error.faults;
    throw error;
  }
  return [];
}

describe('a declaration', () => {
  test('that can be run is taken', () => {
    expect(faults(saga(good))).toEqual([]);
  });

  test.each([
    ['an unknown start', saga(good, 'Of'), "StartState: there is no state 'Of'"],
    [
      'a state that is not there',
      saga({ ...good, IsOn: { ...IsOn, Default: 'Nowhere' } }),
      "IsOn: there is no state 'Nowhere' to go on to",
    ],
    [
      'a service that is not there',
      saga({ ...good, On: { ...On, ServiceMethod: 'dim' } }),
      'On: there is no service lamp.dim',
    ],
    [
      'an answer without a status',
      saga({ ...good, On: { ...On, Status: { "#root == 'ON'": 'SU' } } }),
      "On: Status does not say what 'BROKEN' is",
    ],
    [
      'a task that may say no, and goes on whatever it says',
      saga({ ...good, On: { ...On, Next: 'Done' } }),
      "On: lamp.on may say no, and On goes on to 'Done' whatever it says",
    ],
    [
      'a compensation that is none',
      saga({ ...good, On: { ...On, CompensateState: 'Done' } }),
      "On: CompensateState: 'Done' is no state for compensation",
    ],
    [
      'a variable that nobody sets',
      saga({
        ...good,
        IsOn: { ...IsOn, Choices: [{ Expression: "[light] == 'ON'", Next: 'Done' }] },
      }),
      "IsOn: no state's Output sets 'light'",
    ],
    ['a state that nothing leads to', saga({ ...good, Lost: Done }), 'Lost: nothing leads to it'],
  ])('is refused with %s', (_, json, fault) => {
    expect(faults(json)).toContain(fault);
  });

  test('is refused with what the language does not have', () => {
    expect(faults(saga({ ...good, On: { ...On, Retry: [] } }))[0]).toMatch(/^States\.On: .*Retry/);
    expect(faults(saga({ ...good, On: { ...On, Status: { true: 'SU' } } }))).toHaveLength(1);
  });
});

test('the sagas of orders can be run, and drawn', () => {
  expect(Object.keys(sagas)).toEqual([
    'order-create',
    'order-refund',
    'order-roll-back',
    'order-accept',
  ]);
  const drawn = sagaDiagram(sagas['order-create']);
  expect(drawn).toContain('  [*] --> ReserveStock\n');
  expect(drawn).toContain('  IsStockReserved --> RequestPayment: stock is RESERVED\n');
  expect(drawn).toContain('  note right of ReserveStock: undone by StorageCompensate\n');
  for (const name of Object.keys(sagas['order-create'].States)) expect(drawn).toContain(name);
});
