import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SagaDefinition } from './definition.ts';
import { answerSaga, giveUpSaga, startSaga, tellSaga } from './interpreter.ts';
import type { SagaEffects, SagaRun, TaskService } from './interpreter.ts';

/** Task after task, each with a compensation and a choice behind it; then a wait. */
function chain(tasks: number): SagaDefinition {
  const states: SagaDefinition['States'] = {
    Wait: {
      Type: 'WaitForEvent',
      Event: 'bell',
      TimeoutAt: 'x',
      Output: { bell: '$.#root' },
      Next: 'Rang',
    },
    Rang: {
      Type: 'Choice',
      Choices: [{ Expression: "[bell] == 'RING'", Next: 'Done' }],
      Default: 'GiveUp',
    },
    GiveUp: { Type: 'CompensationTrigger', Next: 'Failed', OrderStatus: 'FAILED' },
    Done: { Type: 'Succeed' },
    Failed: { Type: 'Fail', ErrorCode: 'F', Message: 'failed' },
  };
  const Status = {
    "#root == 'YES'": 'SU',
    "#root == 'NO'": 'FA',
    "#root == 'MAYBE'": 'UN',
  } as const;
  for (let i = 0; i < tasks; i++) {
    const task = { Type: 'ServiceTask', ServiceName: 's', ServiceMethod: 'm', Status } as const;
    states[`T${i}`] = {
      ...task,
      IsForCompensation: false,
      CompensateState: `C${i}`,
      Output: { [`v${i}`]: '$.#root' },
      Next: `Q${i}`,
    };
    states[`C${i}`] = { ...task, IsForCompensation: true, Output: {} };
    const next = i + 1 < tasks ? `T${i + 1}` : 'Wait';
    states[`Q${i}`] = {
      Type: 'Choice',
      Choices: [{ Expression: `[v${i}] == 'YES'`, Next: next }],
      Default: 'GiveUp',
    };
  }
  return { Name: 'chain', Comment: '', Version: '1', StartState: 'T0', States: states };
}

/** Two commands a task. */
const services: TaskService<{ commandId: string }> = {
  call: (_service, state, { number }) =>
    ['a', 'b'].map((part) => ({ commandId: `${number}/${state}/${part}` })),
  outcome: (_service, answers) => answers.find((answer) => answer !== 'YES') ?? 'YES',
};

const ids = ({ commands }: SagaEffects<{ commandId: string }>) =>
  commands.map(({ commandId }) => commandId);

describe('a run', () => {
  test('waits for all answers of a task, and counts each once', () => {
    const saga = chain(1);
    const started = startSaga(saga, 7, services);
    expect(ids(started)).toEqual(['7/T0/a', '7/T0/b']);
    const one = answerSaga(saga, started.run, '7/T0/a', 'YES', services)!;
    expect(one.run.state).toBe('T0');
    expect(answerSaga(saga, one.run, '7/T0/a', 'NO', services)).toBeUndefined();
    expect(answerSaga(saga, one.run, '6/T0/b', 'NO', services)).toBeUndefined();
    const both = answerSaga(saga, one.run, '7/T0/b', 'YES', services)!;
    expect(both.run.state).toBe('Wait');
    expect(tellSaga(saga, both.run, 'horn', 'RING', services)).toBeUndefined();
    expect(tellSaga(saga, both.run, 'bell', 'RING', services)!.run).toMatchObject({
      state: 'Done',
      isEnded: true,
    });
  });

  test('that is given up compensates what may have been done, the task under way too', () => {
    const saga = chain(2);
    let { run } = startSaga(saga, 1, services);
    run = answered(saga, run, 'YES');
    expect(run.state).toBe('T1');
    const given = giveUpSaga(saga, run, services)!;
    expect(given.orderStatuses).toEqual(['FAILED']);
    expect(ids(given)).toEqual(['1/C1/a', '1/C1/b']);
    expect(giveUpSaga(saga, given.run, services)).toBeUndefined();
    // The answer of the task that was given up changes nothing any more.
    expect(answerSaga(saga, given.run, '1/T1/a', 'YES', services)).toBeUndefined();
  });

  test('whatever is answered: compensates in reverse all that may have been done, each once', () => {
    const word = fc.constantFrom('YES', 'YES', 'YES', 'NO', 'MAYBE');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.boolean(), (words, rings) => {
        const saga = chain(words.length);
        let { run } = startSaga(saga, 1, services);
        const asked: string[] = [];
        for (const each of words) {
          if (run.state.startsWith('T')) run = answered(saga, run, each);
        }
        if (run.state === 'Wait')
          run = tellSaga(saga, run, 'bell', rings ? 'RING' : 'TIMEOUT', services)!.run;
        while (!run.isEnded) {
          asked.push(run.state);
          run = answered(saga, run, 'YES');
        }
        const refused = words.findIndex((each) => each !== 'YES');
        const done = refused < 0 ? words : words.slice(0, refused + 1);
        const failed = refused >= 0 || !rings;
        const expected = done.flatMap((each, i) => (each === 'NO' ? [] : [`C${i}`])).reverse();
        expect(asked).toEqual(failed ? expected : []);
        expect(run.state).toBe(failed ? 'Failed' : 'Done');
      }),
    );
  });
});

/** Gives the same answer to all commands that the run waits for. */
function answered(saga: SagaDefinition, run: SagaRun, answer: string): SagaRun {
  let now = run;
  for (const commandId of Object.keys(run.answers)) {
    now = answerSaga(saga, now, commandId, answer, services)!.run;
  }
  return now;
}
