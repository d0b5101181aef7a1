import type { Command } from 'commander';
import { runAlertService } from '../run.ts';
import type { ExitCode, Io } from './io.ts';

export function runCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('run')
    .summary('the alert service, in the foreground')
    .description(
      'Runs the alert service until Ctrl-C (a second one ends it at once). Logs are JSON lines on stderr.',
    )
    .addHelpText(
      'after',
      `
Creates its topics where they are missing; how it is: http://127.0.0.1:8090/actuator/health (HTTP_HOST, HTTP_PORT);
what it knows of an order: http://127.0.0.1:8090/state/orders/ORDER_NO. Several instances ask each other (ADVERTISED_ADDRESS).

Examples:
  $ kafka-alert run
  $ KAFKA_BROKERS=kafka:9092 SCHEMA_REGISTRY_URL=http://registry:8081 STATE_DIR=/var/lib/kafka-alert kafka-alert run
  $ HTTP_PORT=0 LOG_LEVEL=debug APPLICATION_ID=my-alerts kafka-alert run`,
    )
    .action(() => {
      act(() => runAlertService());
    });
}
