import type {
  PaymentCommand,
  PaymentCommandType,
  StorageCommand,
  StorageCommandType,
} from '#schemas';
import type { Services } from './definition.ts';
import type { SagaRun, TaskService } from './interpreter.ts';
import type { Order } from './order.ts';

/** A command to another service. */
export type SagaCommand = { readonly commandId: string } & (
  | { readonly kind: 'storage-command'; readonly value: StorageCommand }
  | { readonly kind: 'payment-command'; readonly value: PaymentCommand }
);

/** What sagas may call, and what it may answer. */
export const SERVICES: Services = {
  'storage.reserve': ['RESERVED', 'REFUSED'],
  'storage.confirm': ['CONFIRMED', 'REFUSED'],
  'storage.compensate': ['COMPENSATED'],
  'payment.create': ['CREATED', 'CREATE_FAILED'],
  'payment.cancel': ['CANCELLED', 'ALREADY_PAID', 'PAID_TOO_LATE'],
  'payment.query': ['SUCCESS', 'FAILURE', 'OPEN'],
  'payment.refund': ['REFUNDED', 'REFUND_FAILED'],
};

const STORAGE: Readonly<Record<string, StorageCommandType>> = {
  'storage.reserve': 'RESERVE',
  'storage.confirm': 'CONFIRM',
  'storage.compensate': 'COMPENSATE',
};
const PAYMENT: Readonly<Record<string, PaymentCommandType>> = {
  'payment.create': 'CREATE',
  'payment.cancel': 'CANCEL',
  'payment.query': 'QUERY',
  'payment.refund': 'REFUND',
};

/** Carries out the tasks for one order: of the storage a command per line, since stock is kept per sku. */
export function taskServices(
  order: Omit<Order, 'run'>,
  requestedAt: number,
): TaskService<SagaCommand> {
  return {
    call(service, state, run) {
      const storage = STORAGE[service];
      if (storage !== undefined) {
        return order.lines.map(({ sku, quantity }) => {
          const commandId = `${idOf(order, run, state)}/${sku}`;
          const { orderNo, attempt } = order;
          const value = { commandId, sku, type: storage, orderNo, attempt, quantity, requestedAt };
          return { commandId, kind: 'storage-command', value };
        });
      }
      const payment = PAYMENT[service];
      if (payment === undefined) throw new Error(`there is no service ${service}`);
      return [paymentCommand(order, payment, idOf(order, run, state), requestedAt)];
    },

    outcome(_service, answers) {
      // All or nothing: one line that is refused is a refused order.
      return answers.find((answer) => answer === 'REFUSED') ?? answers[0]!;
    },
  };
}

/** A command to the payment service, in answer to a task or besides. */
export function paymentCommand(
  { orderNo, payment, totalAmount, reason }: Omit<Order, 'run'>,
  type: PaymentCommandType,
  commandId: string,
  requestedAt: number,
): SagaCommand & { readonly kind: 'payment-command' } {
  const { merchantPaymentId } = payment;
  const codeId = type === 'CANCEL' ? payment.codeId : null;
  const amount = type === 'CREATE' || type === 'REFUND' ? totalAmount : null;
  const value: PaymentCommand = {
    commandId,
    orderNo,
    type,
    merchantPaymentId,
    codeId,
    amount,
    source: 'POLLING',
    reason,
    requestedAt,
  };
  return { commandId, kind: 'payment-command', value };
}

function idOf({ orderNo }: Pick<Order, 'orderNo'>, { number }: SagaRun, state: string): string {
  return `${orderNo}/${number}/${state}`;
}
