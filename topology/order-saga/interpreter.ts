/**
 * Runs a saga step by step. Pure: what it has come to is a value, what is to be done is returned.
 *
 * R1. A run waits in one state: for the answers to the commands of a task, or for an event. Everything else passes at once.
 * R2. An answer counts once, by its command's id; what nobody waits for changes nothing.
 * R3. Compensation runs over the executed tasks in reverse, those that did nothing (FA) left out, one after another; each is
 *     asked for once.
 */
import { statusOf, type SagaDefinition, type SagaState, type TaskStatus } from './definition.ts';

/** How far a saga has come. */
export interface SagaRun {
  readonly saga: string;
  /** Counts the sagas of this order: in the ids of commands. */
  readonly number: number;
  /** Where it waits, or has ended. */
  readonly state: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Tasks in the order in which they were answered. */
  readonly executed: readonly { readonly state: string; readonly status: TaskStatus }[];
  /** Compensations that are left to be done, and what follows them; null while going forward. */
  readonly compensating: { readonly left: readonly string[]; readonly next: string } | null;
  /** Ids of the commands of this state, with the answers as far as they have come. */
  readonly answers: Readonly<Record<string, string | null>>;
  readonly isEnded: boolean;
}

/** What entering states leads to. */
export interface SagaEffects<C> {
  readonly run: SagaRun;
  readonly commands: readonly C[];
  /** Statuses that the order takes on, in this order. */
  readonly orderStatuses: readonly ('WAITING_PAYMENT' | 'PAID' | 'FAILED')[];
}

/** How a task is carried out. */
export interface TaskService<C> {
  /** The commands of the task in this state; each answered once. */
  call(
    service: string,
    state: string,
    run: SagaRun,
  ): readonly (C & { readonly commandId: string })[];
  /** One word for all the answers. */
  outcome(service: string, answers: readonly string[]): string;
}

type Draft<C> = { -readonly [K in keyof SagaRun]: SagaRun[K] } & {
  commands: C[];
  orderStatuses: ('WAITING_PAYMENT' | 'PAID' | 'FAILED')[];
};

/** Starts a saga. */
export function startSaga<C>(
  saga: SagaDefinition,
  number: number,
  services: TaskService<C>,
): SagaEffects<C> {
  const draft: Draft<C> = {
    saga: saga.Name,
    number,
    state: saga.StartState,
    variables: {},
    executed: [],
    compensating: null,
    answers: {},
    isEnded: false,
    commands: [],
    orderStatuses: [],
  };
  enter(saga, draft, saga.StartState, services);
  return finished(draft);
}

/** Takes an answer; undefined when nobody waits for it. */
export function answerSaga<C>(
  saga: SagaDefinition,
  run: SagaRun,
  commandId: string,
  answer: string,
  services: TaskService<C>,
): SagaEffects<C> | undefined {
  if (run.answers[commandId] !== null) return undefined;
  const draft = draftOf<C>(run);
  draft.answers = { ...run.answers, [commandId]: answer };
  const answers = Object.values(draft.answers);
  if (answers.every((each) => each !== null)) {
    const state = stateOf(saga, run.state);
    if (state.Type !== 'ServiceTask') throw new Error(`'${run.state}' waits for no answers`);
    const outcome = services.outcome(`${state.ServiceName}.${state.ServiceMethod}`, answers);
    leave(saga, draft, state, outcome, services);
  }
  return finished(draft);
}

/** Takes an event from outside, or its time-out (`TIMEOUT`); undefined when the run does not wait for it. */
export function tellSaga<C>(
  saga: SagaDefinition,
  run: SagaRun,
  event: string,
  outcome: string,
  services: TaskService<C>,
): SagaEffects<C> | undefined {
  const state = saga.States[run.state];
  if (run.isEnded || state?.Type !== 'WaitForEvent' || state.Event !== event) return undefined;
  const draft = draftOf<C>(run);
  leave(saga, draft, state, outcome, services);
  return finished(draft);
}

/** Gives up what is under way: compensates, as the saga's `CompensationTrigger` does. Undefined when it does so already. */
export function giveUpSaga<C>(
  saga: SagaDefinition,
  run: SagaRun,
  services: TaskService<C>,
): SagaEffects<C> | undefined {
  if (run.isEnded || run.compensating !== null) return undefined;
  const trigger = Object.entries(saga.States).find(
    ([, { Type }]) => Type === 'CompensationTrigger',
  );
  if (!trigger) return undefined;
  const draft = draftOf<C>(run);
  const state = stateOf(saga, run.state);
  // What was asked for may have been done: its answer is on its way.
  if (state.Type === 'ServiceTask')
    draft.executed = [...draft.executed, { state: run.state, status: 'UN' }];
  enter(saga, draft, trigger[0], services);
  return finished(draft);
}

/** The state in which a run waits, or has ended. */
export function stateOf(saga: SagaDefinition, name: string): SagaState {
  const state = saga.States[name];
  if (!state)
    throw new Error(
      `the saga '${saga.Name}' (version ${saga.Version}) has no state '${name}' any more: keep the states in which orders wait`,
    );
  return state;
}

function enter<C>(
  saga: SagaDefinition,
  draft: Draft<C>,
  name: string,
  services: TaskService<C>,
): void {
  const state = stateOf(saga, name);
  draft.state = name;
  draft.answers = {};
  if ('OrderStatus' in state && state.OrderStatus !== undefined)
    draft.orderStatuses.push(state.OrderStatus);
  switch (state.Type) {
    case 'ServiceTask': {
      const service = `${state.ServiceName}.${state.ServiceMethod}`;
      const commands = services.call(service, name, draft);
      draft.answers = Object.fromEntries(commands.map(({ commandId }) => [commandId, null]));
      draft.commands.push(...commands);
      return;
    }
    case 'WaitForEvent':
      return;
    case 'Choice': {
      enter(saga, draft, chosen(state, draft.variables), services);
      return;
    }
    case 'CompensationTrigger': {
      const left = draft.executed
        .filter(({ status }) => status !== 'FA')
        .map((task) => compensationOf(saga, task.state))
        .filter((compensation) => compensation !== undefined)
        .reverse();
      draft.compensating = { left, next: state.Next };
      compensateNext(saga, draft, services);
      return;
    }
    case 'Succeed':
    case 'Fail':
      draft.isEnded = true;
  }
}

function leave<C>(
  saga: SagaDefinition,
  draft: Draft<C>,
  state: Extract<SagaState, { Type: 'ServiceTask' | 'WaitForEvent' }>,
  outcome: string,
  services: TaskService<C>,
): void {
  for (const variable of Object.keys(state.Output)) {
    draft.variables = { ...draft.variables, [variable]: outcome };
  }
  if (state.Type === 'ServiceTask') {
    if (draft.compensating) {
      compensateNext(saga, draft, services);
      return;
    }
    const status = statusOf(state, outcome) ?? 'UN';
    draft.executed = [...draft.executed, { state: draft.state, status }];
  }
  enter(saga, draft, state.Next!, services);
}

function compensateNext<C>(saga: SagaDefinition, draft: Draft<C>, services: TaskService<C>): void {
  const { left, next } = draft.compensating!;
  const [first, ...rest] = left;
  draft.compensating = { left: rest, next };
  enter(saga, draft, first ?? next, services);
}

function compensationOf(saga: SagaDefinition, name: string): string | undefined {
  const state = stateOf(saga, name);
  return state.Type === 'ServiceTask' ? state.CompensateState : undefined;
}

/** The first that is true. */
function chosen(
  state: Extract<SagaState, { Type: 'Choice' }>,
  variables: Readonly<Record<string, string>>,
): string {
  const found = state.Choices.find(({ Expression: expression }) => {
    const [, variable, word] = /^\[(\w+)\] == '(\w+)'$/.exec(expression)!;
    return variables[variable!] === word;
  });
  return found?.Next ?? state.Default;
}

function draftOf<C>(run: SagaRun): Draft<C> {
  return { ...run, commands: [], orderStatuses: [] };
}

function finished<C>({ commands, orderStatuses, ...run }: Draft<C>): SagaEffects<C> {
  return { run, commands, orderStatuses };
}
