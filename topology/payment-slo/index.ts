export { BUCKETS_S, defaultPaymentSloSettings, paymentSlo } from './topology.ts';
export type { PaymentSloSettings, PaymentSloTopics } from './topology.ts';
