import { runService } from '#kit';
import { startPaymentService } from './service.ts';
import { paymentVariables } from './settings.ts';

/** Runs the service until it is told to stop (exit 0), or can't go on (exit 1). */
export function run(): Promise<never> {
  return runService('payment', startPaymentService, paymentVariables);
}
