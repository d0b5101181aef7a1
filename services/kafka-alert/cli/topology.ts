import { Argument, type Command } from 'commander';
import { readSettings, type Settings } from '#kit';
import { renamed, topics } from '#schemas';
import { describe, mermaid, type Topology } from '#streams';
import { defaultOrderSagaSettings, orderSaga } from '#topology/order-saga';
import { defaultPaymentSloSettings, paymentSlo } from '#topology/payment-slo';
import { defaultStorageSettings, storage } from '#topology/storage';
import { alertHost } from '../host.ts';
import type { ExitCode, Io } from './io.ts';

export interface TopologyOptions {
  readonly mermaid?: boolean;
}

/** What runs, by name, over the topics that the settings name. */
const TOPOLOGIES: Readonly<Record<string, (settings: Settings) => Topology>> = {
  'kafka-alert': (settings) => alertHost(settings).topology,
  'order-saga': (settings) =>
    orderSaga({
      ...defaultOrderSagaSettings,
      now: Date.now,
      topics: { ...topics, ...inputs(settings) },
    }),
  'payment-slo': (settings) =>
    paymentSlo({ ...defaultPaymentSloSettings, topics: { ...topics, ...inputs(settings) } }),
  storage: () => storage({ ...defaultStorageSettings, topics }),
};

export function topologyCommand(
  program: Command,
  act: (run: (io: Io) => Promise<ExitCode>) => void,
) {
  program
    .command('topology')
    .addArgument(
      new Argument('[name]', 'whose').choices(Object.keys(TOPOLOGIES)).default('kafka-alert'),
    )
    .summary('what runs: sources, processors, stores and sinks')
    .description(
      'Describes a topology as it is built under these settings: its sub-topologies, what each node reads, keeps and writes, and what follows it. No broker is asked.',
    )
    .option('--mermaid', 'as a Mermaid flow chart')
    .addHelpText(
      'after',
      `
Examples:
  $ kafka-alert topology
  $ kafka-alert topology order-saga
  $ kafka-alert topology payment-slo --mermaid > payment-slo.mmd`,
    )
    .action((name: string, options: TopologyOptions) => {
      act((io) => topology(name, options, io));
    });
}

/** Describes one. @param name of `TOPOLOGIES` */
export function topology(name: string, options: TopologyOptions, io: Io): Promise<ExitCode> {
  const built = TOPOLOGIES[name]!(readSettings(io));
  io.stdout.write(options.mermaid ? mermaid(built) : describe(built));
  return Promise.resolve(0);
}

function inputs({ orderTopic, paymentTopic }: Settings) {
  return {
    orderStatusChanged: renamed(topics.orderStatusChanged, orderTopic),
    paymentStatusObserved: renamed(topics.paymentStatusObserved, paymentTopic),
  };
}
