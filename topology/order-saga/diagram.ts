import { nextStates, type SagaDefinition, type SagaState } from './definition.ts';

/**
 * A saga as a Mermaid state diagram; compensations are dashed notes at their tasks.
 *
 * @example
 * console.log(sagaDiagram(sagas['order-create']));
 */
export function sagaDiagram(saga: SagaDefinition): string {
  const lines = ['stateDiagram-v2', `  [*] --> ${saga.StartState}`];
  for (const [name, state] of Object.entries(saga.States)) {
    if (state.Type === 'Choice') lines.push(`  state ${name} <<choice>>`);
    for (const next of nextStates(state))
      lines.push(`  ${name} --> ${next}${labelOf(state, next)}`);
    if (state.Type === 'ServiceTask' && state.CompensateState !== undefined)
      lines.push(`  note right of ${name}: undone by ${state.CompensateState}`);
    if ('OrderStatus' in state && state.OrderStatus !== undefined)
      lines.push(`  ${name}: ${name} (order ${state.OrderStatus})`);
    if (state.Type === 'Succeed' || state.Type === 'Fail') lines.push(`  ${name} --> [*]`);
  }
  return `${lines.join('\n')}\n`;
}

function labelOf(state: SagaState, next: string): string {
  if (state.Type !== 'Choice') return '';
  const found = state.Choices.find(({ Next }) => Next === next);
  return `: ${found ? found.Expression.replace(/[[\]']/g, '').replace(' == ', ' is ') : 'else'}`;
}
