import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

type Failed = 'invalid' | 'try_later' | 'failed';
export type SignUpOutcome = 'accepted' | 'email_taken' | Failed;
export type SignInOutcome = 'accepted' | 'refused' | Failed;

/** What the account service counts. */
export interface AccountMetrics {
  signUp(outcome: SignUpOutcome): void;
  signIn(outcome: SignInOutcome): void;
  hashed(seconds: number): void;
  /** @param backlog how many accounts wait for publication; rejects when that can't be told */
  register(registry: Registry, backlog: () => Promise<number>): void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export function accountMetrics(): AccountMetrics {
  const signUps = new Counter({
    name: 'account_sign_ups_total',
    help: 'Sign-ups by what came of them',
    labelNames: ['outcome'],
    registers: [],
  });
  const signIns = new Counter({
    name: 'account_sign_ins_total',
    help: 'E-mails and passwords that were to be verified, by what came of them',
    labelNames: ['outcome'],
    registers: [],
  });
  const hashing = new Histogram({
    name: 'account_hashing_seconds',
    help: 'How long it takes to hash one password, without the wait for it',
    buckets: SECONDS,
    registers: [],
  });
  return {
    signUp: (outcome) => signUps.inc({ outcome }),
    signIn: (outcome) => signIns.inc({ outcome }),
    hashed: (seconds) => hashing.observe(seconds),
    register(registry, backlog) {
      for (const metric of [signUps, signIns, hashing]) registry.registerMetric(metric);
      new Gauge({
        name: 'account_outbox_backlog',
        help: 'Accounts whose latest state is not in Kafka yet',
        registers: [registry],
        async collect() {
          const waiting = await backlog().catch(() => undefined);
          // Nothing rather than something old.
          if (waiting === undefined) this.remove();
          else this.set(waiting);
        },
      });
    },
  };
}
