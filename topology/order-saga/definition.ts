/**
 * Sagas as they are declared: the Seata Saga state language, as far as these sagas need it, with two extensions.
 *
 * - `WaitForEvent`: waits for an event from outside (`Event`), until an instant that the order has (`TimeoutAt`); its
 *   outcome is a word, `TIMEOUT` where the time was up.
 * - `OrderStatus`: what the order's status becomes when the state is entered.
 *
 * Expressions are `#root == 'WORD'` in `Status` (about the task's outcome), and `[variable] == 'WORD'` in `Choices`. There
 * are no `Catch`es: services answer by events, and what goes wrong is one of the answers, with a `Choice` after it.
 *
 * @see https://seata.apache.org/docs/user/mode/saga
 */
import { z } from 'zod';

/** What Seata calls the status of an executed task: succeeded, failed (it did nothing), or unknown (it may have done something). */
export type TaskStatus = 'SU' | 'FA' | 'UN';

const taskStatus = z.enum(['SU', 'FA', 'UN']);
const orderStatus = z.enum(['WAITING_PAYMENT', 'PAID', 'FAILED']);
const output = z.record(z.string(), z.literal('$.#root')).default({});

const serviceTask = z.strictObject({
  Type: z.literal('ServiceTask'),
  ServiceName: z.string(),
  ServiceMethod: z.string(),
  Status: z.record(z.string().regex(/^#root == '\w+'$/), taskStatus),
  CompensateState: z.string().optional(),
  IsForCompensation: z.boolean().default(false),
  OrderStatus: orderStatus.optional(),
  Output: output,
  Next: z.string().optional(),
});

const waitForEvent = z.strictObject({
  Type: z.literal('WaitForEvent'),
  Event: z.string(),
  TimeoutAt: z.string(),
  OrderStatus: orderStatus.optional(),
  Output: output,
  Next: z.string(),
});

const choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z.array(
    z.strictObject({ Expression: z.string().regex(/^\[\w+\] == '\w+'$/), Next: z.string() }),
  ),
  Default: z.string(),
});

const compensationTrigger = z.strictObject({
  Type: z.literal('CompensationTrigger'),
  OrderStatus: orderStatus.optional(),
  Next: z.string(),
});

const succeed = z.strictObject({ Type: z.literal('Succeed') });
const fail = z.strictObject({
  Type: z.literal('Fail'),
  ErrorCode: z.string(),
  Message: z.string(),
});

const definition = z.strictObject({
  Name: z.string(),
  Comment: z.string(),
  Version: z.string(),
  StartState: z.string(),
  States: z.record(
    z.string(),
    z.discriminatedUnion('Type', [
      serviceTask,
      waitForEvent,
      choice,
      compensationTrigger,
      succeed,
      fail,
    ]),
  ),
});

export type SagaDefinition = z.infer<typeof definition>;
export type SagaState = SagaDefinition['States'][string];
export type ServiceTask = z.infer<typeof serviceTask>;

/** What tasks can be given to: for each `ServiceName.ServiceMethod` the words that it may answer with. */
export type Services = Readonly<Record<string, readonly string[]>>;

/** A saga that can't be run; `faults` has a line for each thing that is wrong with it. */
export class SagaDefinitionError extends Error {
  readonly faults: readonly string[];

  constructor(name: string, faults: readonly string[]) {
    super(`the saga '${name}' can't be run:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'SagaDefinitionError';
    this.faults = faults;
  }
}

/**
 * Reads a saga's declaration, and checks that it can be run to an end.
 *
 * @param services what there is to be called, with all possible answers
 * @throws {SagaDefinitionError} with every fault, not only the first one
 */
export function parseSaga(json: unknown, services: Services): SagaDefinition {
  const parsed = definition.safeParse(json);
  if (!parsed.success) {
    const name = (json as { Name?: string } | null)?.Name ?? '';
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new SagaDefinitionError(name, faults);
  }
  const faults = faultsOf(parsed.data, services);
  if (faults.length > 0) throw new SagaDefinitionError(parsed.data.Name, faults);
  return parsed.data;
}

/** Where a state may go on to. */
export function nextStates(state: SagaState): readonly string[] {
  switch (state.Type) {
    case 'Choice':
      return [...state.Choices.map(({ Next }) => Next), state.Default];
    case 'ServiceTask':
      return state.Next === undefined ? [] : [state.Next];
    case 'WaitForEvent':
    case 'CompensationTrigger':
      return [state.Next];
    case 'Succeed':
    case 'Fail':
      return [];
  }
}

function faultsOf(saga: SagaDefinition, services: Services): string[] {
  const { States: states, StartState: start } = saga;
  const faults: string[] = [];
  if (!(start in states)) faults.push(`StartState: there is no state '${start}'`);
  const variables = new Set(
    Object.values(states).flatMap((state) => Object.keys('Output' in state ? state.Output : {})),
  );
  for (const [name, state] of Object.entries(states)) {
    const say = (fault: string) => void faults.push(`${name}: ${fault}`);
    for (const next of nextStates(state)) {
      if (!(next in states)) say(`there is no state '${next}' to go on to`);
    }
    if (state.Type === 'ServiceTask') taskFaults(name, state, saga, services).forEach(say);
    if (state.Type === 'Choice') {
      for (const { Expression: expression } of state.Choices) {
        const variable = /\[(\w+)\]/.exec(expression)![1]!;
        if (!variables.has(variable)) say(`no state's Output sets '${variable}'`);
      }
    }
  }
  for (const name of Object.keys(states)) {
    if (!reachable(saga).has(name)) faults.push(`${name}: nothing leads to it`);
  }
  return faults;
}

function taskFaults(
  name: string,
  task: ServiceTask,
  { States: states }: SagaDefinition,
  services: Services,
): string[] {
  const faults: string[] = [];
  const service = `${task.ServiceName}.${task.ServiceMethod}`;
  const answers = services[service];
  if (!answers) return [`there is no service ${service}`];
  for (const answer of answers) {
    if (statusOf(task, answer) === undefined)
      faults.push(`Status does not say what '${answer}' is`);
  }
  if (task.IsForCompensation !== (task.Next === undefined))
    faults.push(task.IsForCompensation ? 'a compensation has no Next' : 'Next is missing');
  const compensation = task.CompensateState;
  if (compensation !== undefined) {
    const state = states[compensation];
    if (state?.Type !== 'ServiceTask' || !state.IsForCompensation)
      faults.push(`CompensateState: '${compensation}' is no state for compensation`);
  }
  const mayRefuse = answers.some((answer) => (statusOf(task, answer) ?? 'SU') !== 'SU');
  const next = task.Next === undefined ? undefined : states[task.Next];
  // Only exceptions go to a Catch: an answer that is a "no" just goes on.
  if (mayRefuse && next && next.Type !== 'Choice')
    faults.push(`${service} may say no, and ${name} goes on to '${task.Next}' whatever it says`);
  return faults;
}

function reachable({ States: states, StartState }: SagaDefinition): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    const state = states[name];
    if (!state || found.has(name)) return;
    found.add(name);
    nextStates(state).forEach(visit);
    if (state.Type === 'ServiceTask' && state.CompensateState !== undefined)
      visit(state.CompensateState);
  };
  visit(StartState);
  return found;
}

/** What an answer says of the task; undefined where the declaration says nothing. */
export function statusOf({ Status }: ServiceTask, answer: string): TaskStatus | undefined {
  return Status[`#root == '${answer}'`];
}
